#!/bin/bash
# The homepage generator's role and database, made as the aiserver's are.
set -euo pipefail

psql --quiet --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" \
  --set=password="$HOMEPAGES_DB_PASSWORD" <<'SQL'
SELECT format('CREATE ROLE homepages LOGIN PASSWORD %L', :'password')
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'homepages') \gexec
SELECT format('ALTER ROLE homepages PASSWORD %L', :'password') \gexec
SELECT 'CREATE DATABASE nanococoa_homepages OWNER homepages'
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'nanococoa_homepages') \gexec
REVOKE CONNECT ON DATABASE nanococoa_homepages FROM PUBLIC;
SQL
