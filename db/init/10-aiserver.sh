#!/bin/bash
# Each service has a role and a database of its own, so that one service's hole is not the customers' data.
set -euo pipefail

psql --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" \
  --set=password="$AISERVER_DB_PASSWORD" <<'SQL'
CREATE ROLE aiserver LOGIN PASSWORD :'password';
CREATE DATABASE nanococoa_jobs OWNER aiserver;
REVOKE CONNECT ON DATABASE nanococoa, nanococoa_jobs FROM PUBLIC;
SQL
