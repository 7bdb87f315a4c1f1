-- Gives an entry a new time to live, counted from now. Its value and its age stay.
-- KEYS[1] entry
-- ARGV[1] ttl in ms, 0 = forever
-- Reply: 1, or 0 when there is no entry.
local entry, ttl = KEYS[1], tonumber(ARGV[1])

local VERSION, NEVER = '\1', 281474976710655
local FRESH_UNTIL_AT = 8

if redis.call('EXISTS', entry) == 0 then return 0 end

if redis.call('GETRANGE', entry, 0, 0) == VERSION then
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local ends = ttl == 0 and NEVER or now + ttl
  redis.call('SETRANGE', entry, FRESH_UNTIL_AT, struct.pack('>I6I6', ends, ends))
end

if ttl == 0 then
  redis.call('PERSIST', entry)
else
  redis.call('PEXPIRE', entry, ttl)
end
return 1
