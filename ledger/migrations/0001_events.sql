-- The record itself. Run as muniment_owner, in a database of its own. One event is one row, and the
-- row holds the hash of its own leaf, so no event can exist without one.
CREATE SCHEMA muniment;

-- A type of its own, not a CHECK of the table: PostgreSQL parses those anew for every statement that
-- inserts, and this once in a session.
CREATE DOMAIN muniment.digest AS bytea CHECK (octet_length(VALUE) = 32);

CREATE TABLE muniment.events (
    position    bigint PRIMARY KEY,   -- leaf index + 1; dense: the append function counts
    stream      uuid NOT NULL,
    version     bigint NOT NULL,      -- the append function says what follows what
    topic       text NOT NULL,        -- event name, slash, schema version
    recorded_at timestamptz NOT NULL,
    state       bytea NOT NULL,       -- never serialised again: the leaf commits to it
    salt        muniment.digest NOT NULL,
    leaf_hash   muniment.digest NOT NULL,
    UNIQUE (stream, version)
);
-- Sealed text is base64 of noise: trying to compress it costs time and gains nothing.
ALTER TABLE muniment.events ALTER COLUMN state SET STORAGE EXTERNAL;

-- Which ledger this is. Written once, by the owner, when the database is made; position 1 must agree.
CREATE TABLE muniment.identity (
    one         bool PRIMARY KEY DEFAULT true CHECK (one),
    ledger      uuid NOT NULL,
    origin      text NOT NULL CHECK (origin COLLATE "C" ~ '^[!-*,-~]+$'),  -- a key name of signed notes
    institution text NOT NULL,
    zone        text NOT NULL,
    clock       text NOT NULL CHECK (clock IN ('real', 'simulated')),
    use         text NOT NULL CHECK (use IN ('opened', 'test'))
);

-- What each command led to, so that asking again gets the first answer.
CREATE TABLE muniment.commands (
    command_id     uuid PRIMARY KEY,
    actor          text NOT NULL,
    first_position bigint NOT NULL,
    last_position  bigint NOT NULL,
    request_mac    bytea
);

-- Permanent unique facts: a vendor's number, a file already imported. Keyed MACs, never the key itself.
CREATE TABLE muniment.claims (
    kind     text,
    key_mac  bytea,
    position bigint NOT NULL REFERENCES muniment.events,
    PRIMARY KEY (kind, key_mac)
);

-- What an auditor reads: ciphertext and salts, no keys.
CREATE VIEW muniment.log AS
    SELECT position, stream, version, topic, recorded_at, state, salt, leaf_hash FROM muniment.events;

GRANT USAGE ON SCHEMA muniment TO muniment_writer, muniment_projector, muniment_reader,
    muniment_auditor, muniment_checkpointer;
GRANT SELECT ON muniment.identity TO muniment_writer, muniment_projector, muniment_reader,
    muniment_auditor, muniment_checkpointer;
GRANT SELECT ON muniment.events TO muniment_writer, muniment_projector, muniment_reader;
GRANT SELECT ON muniment.commands, muniment.claims TO muniment_writer;
GRANT SELECT ON muniment.log TO muniment_auditor;
GRANT SELECT (position, leaf_hash) ON muniment.events TO muniment_checkpointer;
