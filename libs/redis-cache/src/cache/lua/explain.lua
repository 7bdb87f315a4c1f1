-- What there is to say about an entry and its lease, without its value.
-- KEYS[1] entry   KEYS[2] lease
-- Reply: {its first bytes (header and tags), how many bytes, remaining ms (-1 no end, -2 none), Redis's time in ms,
-- kind, by and since of the lease}.
-- @include clock
-- @include envelope
local entry, lease = KEYS[1], KEYS[2]

local header = redis.call('GETRANGE', entry, 0, FIXED_BLOCK_BYTES - 1) .. tags_of(entry)
local held = redis.call('HMGET', lease, 'kind', 'by', 'since')
return { header, redis.call('STRLEN', entry), redis.call('PTTL', entry), now_ms(), held[1], held[2], held[3] }
