-- How long an entry is fresh. An entry without an envelope is fresh as long as Redis keeps it.
-- KEYS[1] entry
-- Reply: ms, -1 for an entry without an end, or nil when there is none that is fresh.
local entry = KEYS[1]

local VERSION, NEVER = '\1', 281474976710655
local FIXED_BLOCK_LAST, FRESH_UNTIL_AT = 25, 8

local kept_for = redis.call('PTTL', entry)
if kept_for == -2 then return false end

local head = redis.call('GETRANGE', entry, 0, FIXED_BLOCK_LAST)
if string.sub(head, 1, 1) ~= VERSION or #head <= FIXED_BLOCK_LAST then return kept_for end

local fresh_until = struct.unpack('>I6', head, FRESH_UNTIL_AT + 1)
if fresh_until == NEVER then return -1 end

local time = redis.call('TIME')
local fresh_for = fresh_until - (time[1] * 1000 + math.floor(time[2] / 1000))
return fresh_for > 0 and fresh_for
