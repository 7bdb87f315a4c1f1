-- Takes back what a request was counted for. What was not counted, or is no longer, stays as it is: nothing falls below zero.
-- KEYS[1] state of the first limit; that of all others lies in the same hash slot
-- ARGV[1] keys of the other limits, separated by NUL   ARGV[2] "kind limit window cost burst" of each limit
-- ARGV[3] request id   ARGV[4] ms for which the request may still arrive, and does not count then; 0 = it has arrived
-- Reply: of how many limits something was taken back.
-- @include clock
-- @include limits
-- @include sliding-log
-- @include sliding-counter
-- @include fixed-window
-- @include gcra
-- @include concurrency
local limits = read_limits(KEYS[1], ARGV[1], ARGV[2])
local id, late = ARGV[3], tonumber(ARGV[4])

local now, refunded = now_us(), 0
for _, limit in ipairs(limits) do
  if algorithms[limit.kind].undo(limit, id, now) > 0 then refunded = refunded + 1 end
  if late > 0 then give_up(limit, id, late) end
end
return refunded
