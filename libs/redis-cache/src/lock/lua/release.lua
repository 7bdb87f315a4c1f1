-- Gives back what was granted, when HDEL alone has found that somebody waits or has brought no answer. The next in the queue are called.
-- KEYS[1] holders   KEYS[2] queue   KEYS[3] waiters
-- ARGV[1] attempt   ARGV[2] its fencing token
-- Reply: 1 = given back, now or by what was sent before; 0 = it was lost with the data: its token is not known any more.
-- When somebody else was granted it since, the two cannot be told apart, and it is 1.
local holders, queue, waiters = KEYS[1], KEYS[2], KEYS[3]
local attempt, token = ARGV[1], ARGV[2]

-- @include clock
-- @include holders
-- @include queue
-- First of all writes, because it frees memory: a full Redis lets it pass.
local is_held = redis.call('HDEL', holders, attempt) == 1
hand_over(holders, queue, waiters, attempt, math.floor(now_us() / 1000))
local fence = redis.call('HGET', holders, FENCE)
if is_held or (fence and tonumber(fence) >= tonumber(token)) then return 1 end
return 0
