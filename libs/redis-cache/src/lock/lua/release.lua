-- Gives a lock or a permit back, leaves the queue, and keeps the attempt from coming again. The next in the queue is called.
-- KEYS[1] holders   KEYS[2] queue   KEYS[3] waiters   KEYS[4] latch of the attempt
-- ARGV[1] attempt   ARGV[2] for how many ms the answer is remembered
-- Reply: 'released', also when it is sent again; 'lost' when it was not held any more.
local holders, queue, waiters, latch = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local attempt, remembered = ARGV[1], ARGV[2]

-- First of all writes, because it frees memory: a full Redis lets it pass. One whose time is over is held until
-- somebody else comes, who drops it.
local is_held = redis.call('HDEL', holders, attempt) == 1
local answer = is_held and 'released' or redis.call('GET', latch) or 'lost'
redis.call('SET', latch, answer, 'PX', remembered)
if redis.call('EXISTS', queue) == 0 then return answer end

-- @include clock
-- @include holders
-- @include queue
local now = math.floor(now_us() / 1000)
leave_queue(queue, waiters, attempt)
serve_queue(queue, waiters, occupancy_of(holders, now, attempt), now, '')
return answer
