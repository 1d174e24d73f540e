-- Where the views live: the projector makes, drops and rebuilds them at will, the reader reads them.
CREATE SCHEMA projections AUTHORIZATION muniment_projector;
GRANT USAGE ON SCHEMA projections TO muniment_reader;
-- Granted here once and for all: once the database is closed (0006) nobody can GRANT.
ALTER DEFAULT PRIVILEGES FOR ROLE muniment_projector IN SCHEMA projections
    GRANT SELECT ON TABLES TO muniment_reader;
