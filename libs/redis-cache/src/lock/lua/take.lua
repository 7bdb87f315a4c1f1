-- Takes a lock that nobody holds or waits for, of which nothing was lost and nothing has to be kept: most are like that.
-- KEYS[1] holders   KEYS[2] epoch
-- ARGV[1] attempt, unique   ARGV[2] "<ttl in ms, less than a day> <mode> <who asks, for people who look>"
-- ARGV[3] epoch known to this process
-- Reply: the fencing token, granted for the whole ttl, or nil: then it is for acquire.lua to say.
local holders, epoch = KEYS[1], KEYS[2]
local attempt, asked, known = ARGV[1], ARGV[2], ARGV[3]

local time = redis.call('TIME')
local token = time[1] .. string.sub('00000' .. time[2], -6)

-- Short texts and few commands: this is most of what a lock costs. The first within 100,000 seconds is not for this script, so that
-- acquire.lua keeps all that is needed from expiring.
local fence = redis.call('HGET', holders, 'fence')
if fence and fence < token and string.sub(fence, 1, 5) == string.sub(token, 1, 5)
  and redis.call('HLEN', holders) == 1 and redis.call('HGET', epoch, 'open') == known then
  redis.call('HSET', holders, 'fence', token, attempt, token .. ' ' .. asked)
  return token
end
return false
