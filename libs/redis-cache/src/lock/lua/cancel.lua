-- Ends an attempt that waits, or of which it is not known what became of it: gives back what it holds, leaves the queue, and keeps
-- it from being granted anything afterwards. The next in the queue are called.
-- KEYS[1] holders   KEYS[2] queue   KEYS[3] waiters   KEYS[4] latch of the attempt
-- ARGV[1] attempt
-- Reply: 1 = given back, also when it is sent again; 0 = it was not held any more.
local holders, queue, waiters, latch = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local attempt = ARGV[1]

-- Longer than any command may be under way.
local REMEMBERED_MS = 30000

-- @include clock
-- @include holders
-- @include queue
-- First of all writes, because it frees memory: a full Redis lets it pass. One whose time is over is held until
-- somebody else comes, who drops it.
local is_held = redis.call('HDEL', holders, attempt) == 1
local answer = is_held and '1' or redis.call('GET', latch) or '0'
redis.call('SET', latch, answer, 'PX', REMEMBERED_MS)
local now = math.floor(now_us() / 1000)
mark_cancelled(holders, now, REMEMBERED_MS)
hand_over(holders, queue, waiters, attempt, now)
return tonumber(answer)
