-- Ends the freshness of an entry now, and voids what is being loaded for it. An entry without an envelope is removed.
-- KEYS[1] entry   KEYS[2] lease
-- Reply: 1, or 0 when there is no entry.
-- @include envelope
-- @include lease
local entry, lease = KEYS[1], KEYS[2]

local FRESH_UNTIL_AT = 8

-- The lease first, by UNLINK: a full Redis would refuse a script that begins to write with SETRANGE.
end_lease(lease)
redis.call('UNLINK', lease)
if redis.call('EXISTS', entry) == 0 then return 0 end
if string.byte(redis.call('GETRANGE', entry, 0, 0)) ~= VERSION then return redis.call('UNLINK', entry) end
-- Not the time that is now: a reader's estimate of it may lag behind.
redis.call('SETRANGE', entry, FRESH_UNTIL_AT, struct.pack('>I6', 0))
return 1
