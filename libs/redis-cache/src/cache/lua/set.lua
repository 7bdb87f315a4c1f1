-- Stores a value as what it is now; the last arrival wins.
-- KEYS[1] entry
-- ARGV[1] format: enveloped | plain   ARGV[2] flags   ARGV[3] ttl in ms, 0 = forever
-- ARGV[4] load duration in ms   ARGV[5] tags, separated by NUL   ARGV[6] payload
-- Reply: Redis's time in ms.
local entry = KEYS[1]
local format, flags, ttl = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local load_duration, tags, payload = tonumber(ARGV[4]), ARGV[5], ARGV[6]

local VERSION, NEVER = 1, 281474976710655
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local value = payload
if format == 'enveloped' then
  local ends = ttl == 0 and NEVER or now + ttl
  value = struct.pack('>BBI6I6I6I4I2', VERSION, flags, now, ends, ends, load_duration, #tags) .. tags .. payload
end

if ttl == 0 then
  redis.call('SET', entry, value)
else
  redis.call('SET', entry, value, 'PX', ttl)
end
return now
