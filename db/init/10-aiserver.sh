#!/bin/bash
# Each service has a role and a database of its own, so that one service's hole is not the customers' data.
# Run when the volume is new, and again by `make up`: what is there stays as it is, but a changed password is taken on.
set -euo pipefail

psql --quiet --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" \
  --set=password="$AISERVER_DB_PASSWORD" <<'SQL'
SELECT format('CREATE ROLE aiserver LOGIN PASSWORD %L', :'password')
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'aiserver') \gexec
SELECT format('ALTER ROLE aiserver PASSWORD %L', :'password') \gexec
SELECT 'CREATE DATABASE nanococoa_jobs OWNER aiserver'
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'nanococoa_jobs') \gexec
REVOKE CONNECT ON DATABASE nanococoa, nanococoa_jobs FROM PUBLIC;
SQL
