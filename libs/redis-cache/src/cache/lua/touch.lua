-- Gives a fresh entry a new time to live, counted from now. Its value and its age stay.
-- KEYS[1] entry   KEYS[2] index
-- ARGV[1] ttl in ms, 0 = forever   ARGV[2] lifetime of the index in ms, 0 = no index
-- ARGV[3] when the server was started, in ms
-- Reply: 1, or 0 when there is no fresh entry.
-- @include clock
-- @include envelope
local entry, index = KEYS[1], KEYS[2]
local ttl, index_ttl, server_start = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])

local FRESH_UNTIL_AT = 8

if redis.call('EXISTS', entry) == 0 then return 0 end

local now = now_ms()
local head = redis.call('GETRANGE', entry, 0, FIXED_BLOCK_BYTES - 1)
if not is_fresh(head, now, server_start) or not holds_value(head) then return 0 end
if string.byte(head) == VERSION then
  local ends = ttl == 0 and NEVER or now + ttl
  redis.call('SETRANGE', entry, FRESH_UNTIL_AT, struct.pack('>I6I6', ends, ends))
end

if ttl == 0 then
  redis.call('PERSIST', entry)
else
  redis.call('PEXPIRE', entry, ttl)
end
if index_ttl > 0 then redis.call('PEXPIRE', index, index_ttl, 'GT') end
return 1
