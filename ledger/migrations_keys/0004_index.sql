-- The blind index: under which tokens a person can be found, and where. It stands beside the keys, so
-- that a row goes when its owner's key does. A token is a keyed digest, and its key is with the
-- provider: whoever takes this database away learns which rows are of one person, and of no name.
CREATE TABLE vault.people_index (
    kind       text NOT NULL CHECK (kind IN ('institutional_id', 'email', 'phone', 'name')),
    token      bytea NOT NULL CHECK (octet_length(token) = 16),
    key_id     uuid NOT NULL REFERENCES vault.keys ON DELETE CASCADE,
    stream     uuid NOT NULL,                           -- where the value stands
    standing   text NOT NULL CHECK (standing ~ '^[a-z_]{1,20}$'),   -- as what the person stands there
    normalizer smallint NOT NULL,
    index_key  smallint NOT NULL,
    written_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (kind, token, key_id, stream, standing)
);
CREATE INDEX people_index_key ON vault.people_index (key_id);       -- for the cascade
CREATE INDEX people_index_stream ON vault.people_index (stream);

-- What a rebuild has made so far, and how far it has read. It is not looked at until it is whole.
CREATE TABLE vault.people_index_next (
    LIKE vault.people_index INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES,
    FOREIGN KEY (key_id) REFERENCES vault.keys ON DELETE CASCADE
);
CREATE TABLE vault.index_rebuild (
    only_one   boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    position   bigint NOT NULL DEFAULT 0
);

-- The service adds and reads. No right to change or take away a row: it goes with its key, or by a
-- rebuild, which whoever administers the key store runs as its owner.
GRANT SELECT, INSERT (kind, token, key_id, stream, standing, normalizer, index_key)
    ON vault.people_index TO muniment_keys;
