-- Takes back what a request was counted for. What was not counted, or is no longer, stays as it is: nothing falls below zero.
-- KEYS[1] notes of its group   KEYS[2…] state of each limit
-- ARGV[1] the request; see includes/requests.lua   ARGV[2] late: it may still arrive, and does not count then | arrived
-- ARGV[3] group of the request   ARGV[4] ms for which it is noted
-- Reply: of how many limits something was taken back.
-- @include clock
-- @include requests
-- @include sliding-log
-- @include sliding-counter
-- @include fixed-window
-- @include gcra
-- @include concurrency
local NOT_COUNTED = '-'
local notes, is_late = KEYS[1], ARGV[2] == 'late'
local requests, fields = read_requests(ARGV[1], ARGV[3])

local refunded = 0
for nth, limit in ipairs(requests[1]) do
  local noted = redis.call('HGET', notes, fields[nth])
  if limit.rules.algorithm.undo(limit, noted ~= NOT_COUNTED and noted) then refunded = refunded + 1 end
  if noted or is_late then redis.call('HSET', notes, fields[nth], NOT_COUNTED) end
end
keep_notes(notes, tonumber(ARGV[4]))
return refunded
