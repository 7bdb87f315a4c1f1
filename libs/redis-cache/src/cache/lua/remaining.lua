-- How long an entry is fresh. An entry without an envelope is fresh as long as Redis keeps it.
-- KEYS[1] entry
-- ARGV[1] when the server was started, in ms: what is older counts as not there
-- Reply: ms, -1 for an entry without an end, or nil when there is none that is fresh.
-- @include clock
-- @include envelope
local entry, server_start = KEYS[1], tonumber(ARGV[1])

local kept_for = redis.call('PTTL', entry)
if kept_for == -2 then return false end

local head = redis.call('GETRANGE', entry, 0, FIXED_BLOCK_BYTES - 1)
if #head < FIXED_BLOCK_BYTES or string.byte(head) ~= VERSION then return kept_for end
if not holds_value(head) or struct.unpack('>I6', head, 3) < server_start then return false end

local fresh_until = struct.unpack('>I6', head, 9)
if fresh_until == NEVER then return -1 end

local fresh_for = fresh_until - now_ms()
return fresh_for > 0 and fresh_for
