-- A change of epoch: the same key, wrapped anew. Nothing else of a recorded key ever changes, and the
-- service has no right to these two columns: it could destroy a key by overwriting it. Whoever
-- administers the key store does it, as its owner (`muniment keys rotate`).
CREATE OR REPLACE FUNCTION vault.keep() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    same vault.keys;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        same := NEW;
        same.epoch := OLD.epoch;
        same.wrapped := OLD.wrapped;
        IF NOT OLD.announced OR same IS NOT DISTINCT FROM OLD THEN
            RETURN NEW;
        END IF;
    ELSIF NOT OLD.announced THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'a key that the ledger knows of is kept' USING ERRCODE = '42501';
END $$;
