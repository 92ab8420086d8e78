-- Roles of a PostgreSQL server of one's own, run once by its superuser with psql:
--   psql -v ledger=fundflow -v owner=fundflow_owner -v application=fundflow_app -f infra/database-roles.sql
-- Then give the two logins passwords (\password), create the database, and start with
--   FUNDFLOW_OWNER_DATABASE_URL=postgres://fundflow_owner:…@host/fundflow
--   FUNDFLOW_DATABASE_URL=postgres://fundflow_app:…@host/fundflow
CREATE ROLE :"owner" LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB;
CREATE ROLE :"application" LOGIN NOINHERIT NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB;
CREATE ROLE fundflow_work NOLOGIN NOSUPERUSER NOBYPASSRLS;
CREATE ROLE fundflow_reader NOLOGIN NOSUPERUSER NOBYPASSRLS;
GRANT fundflow_work, fundflow_reader TO :"application";
CREATE DATABASE :"ledger" OWNER :"owner" ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0;
