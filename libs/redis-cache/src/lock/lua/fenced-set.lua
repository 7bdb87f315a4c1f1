-- Writes a field of a hash unless somebody with a newer fencing token has written before.
-- KEYS[1] the hash
-- ARGV[1] fencing token   ARGV[2] field   ARGV[3] value
-- Reply: 1, an error for the field that holds the token, or 0 when the writer's lock is older than that of the last writer.
local target = KEYS[1]
local token, field, value = tonumber(ARGV[1]), ARGV[2], ARGV[3]

if field == 'fence' then return redis.error_reply('ERR the field fence holds the fencing token: name another') end

local last = tonumber(redis.call('HGET', target, 'fence') or 0)
if token < last then return 0 end
redis.call('HSET', target, 'fence', ARGV[1], field, value)
return 1
