-- The key store: one wrapped data key per owner. It has a database of its own, so that a copy of the
-- ledger holds ciphertext only, and so that backups of keys can be short-lived.
CREATE SCHEMA vault;

CREATE TABLE vault.keys (
    key_id      uuid PRIMARY KEY,
    owner_kind  text NOT NULL,
    owner_id    uuid NOT NULL,
    epoch       text NOT NULL,
    wrapped     bytea NOT NULL,
    check_value bytea NOT NULL CHECK (octet_length(check_value) = 32),
    announced   boolean NOT NULL,                       -- its KeyCreated is in the ledger
    reserved_at timestamptz NOT NULL DEFAULT now(),     -- last handed out while not yet announced
    created_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (owner_kind, owner_id)
);

-- A row that the ledger knows of goes by an ordered destruction only. The service cannot take one
-- away, nor make it look like an orphan first.
CREATE FUNCTION vault.keep() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF OLD.announced THEN
        RAISE EXCEPTION 'a key that the ledger knows of is kept' USING ERRCODE = '42501';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON vault.keys FOR EACH ROW EXECUTE FUNCTION vault.keep();
ALTER TABLE vault.keys ENABLE ALWAYS TRIGGER keep;

REVOKE ALL ON FUNCTION vault.keep() FROM PUBLIC;
GRANT USAGE ON SCHEMA vault TO muniment_keys;
GRANT SELECT, INSERT, DELETE, UPDATE (announced, reserved_at) ON vault.keys TO muniment_keys;
