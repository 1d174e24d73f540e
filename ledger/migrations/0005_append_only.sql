-- Rows are added, and that is all. ENABLE ALWAYS: also while a superuser plays replica
-- (session_replication_role), which switches ordinary triggers off.
DO $$
DECLARE
    kept text;
BEGIN
    FOREACH kept IN ARRAY ARRAY['events', 'identity', 'commands', 'claims', 'migrations'] LOOP
        EXECUTE format(
            'CREATE TRIGGER rows_stay BEFORE UPDATE OR DELETE ON muniment.%I
                 FOR EACH ROW EXECUTE FUNCTION guard.refuse()', kept);
        EXECUTE format(
            'CREATE TRIGGER table_stays BEFORE TRUNCATE ON muniment.%I
                 FOR EACH STATEMENT EXECUTE FUNCTION guard.refuse()', kept);
        EXECUTE format(
            'ALTER TABLE muniment.%I ENABLE ALWAYS TRIGGER rows_stay,
                 ENABLE ALWAYS TRIGGER table_stays', kept);
    END LOOP;
END $$;

-- Which migrations were applied is a fact of the ledger (LedgerOpened, SchemaMigrated).
GRANT SELECT ON muniment.migrations TO muniment_writer, muniment_projector, muniment_reader,
    muniment_auditor, muniment_checkpointer;
