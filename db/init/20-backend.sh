#!/bin/bash
# The dashboard's role and database, made as the aiserver's are.
set -euo pipefail

psql --quiet --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" \
  --set=password="$BACKEND_DB_PASSWORD" <<'SQL'
SELECT format('CREATE ROLE backend LOGIN PASSWORD %L', :'password')
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'backend') \gexec
SELECT format('ALTER ROLE backend PASSWORD %L', :'password') \gexec
SELECT 'CREATE DATABASE nanococoa_customers OWNER backend'
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'nanococoa_customers') \gexec
REVOKE CONNECT ON DATABASE nanococoa_customers FROM PUBLIC;
SQL
