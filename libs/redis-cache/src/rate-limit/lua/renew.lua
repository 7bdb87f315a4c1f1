-- Keeps the slots of a request that is still being answered. A slot that was given up is not taken again.
-- KEYS[1] slots
-- ARGV[1] request id   ARGV[2] slots it takes   ARGV[3] ms after which they are given up
-- Reply: 1 when the request still had its slots, else 0.
-- @include clock
local slots = KEYS[1]
local id, cost, window = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])

local now = now_us()
local given_up = tonumber(redis.call('ZSCORE', slots, id) or 0)
if given_up <= now then return 0 end
for unit = 1, cost do
  redis.call('ZADD', slots, 'XX', now + window * 1000, unit == 1 and id or id .. ':' .. unit)
end
local last = tonumber(redis.call('ZRANGE', slots, -1, -1, 'WITHSCORES')[2])
redis.call('PEXPIREAT', slots, math.ceil(last / 1000) + 1)
return 1
