-- Decides whether a request is within all its limits, and counts it for all of them or for none. Sent twice, it counts once.
-- KEYS[1] state of the first limit; that of all others lies in the same hash slot
-- ARGV[1] keys of the other limits, separated by NUL
-- ARGV[2] "kind limit window cost burst" of each limit; kind: log | slide | fixed | gcra | slots, window in ms
-- ARGV[3] request id   ARGV[4] consume | peek   ARGV[5] ms for which the request may be refunded
-- Reply: of each limit: units left, ms until this request fits (0 = it does), ms until one more unit is left (0 = all are).
-- @include clock
-- @include limits
-- @include sliding-log
-- @include sliding-counter
-- @include fixed-window
-- @include gcra
-- @include concurrency
local limits = read_limits(KEYS[1], ARGV[1], ARGV[2])
local id, mode, refundable = ARGV[3], ARGV[4], tonumber(ARGV[5])

local function wait_of(limit, algorithm)
  if limit.cost <= limit.free then return 0 end
  if limit.cost > (limit.kind == 'gcra' and limit.burst or limit.limit) then return limit.window end
  return math.max(1, algorithm.wait_for(limit, limit.cost - limit.free))
end

local now = now_us()
local is_within, is_counted = true, false
for _, limit in ipairs(limits) do
  local algorithm = algorithms[limit.kind]
  algorithm.look(limit, now)
  limit.wait = wait_of(limit, algorithm)
  if limit.wait > 0 then is_within = false end
  if mode == 'consume' and algorithm.is_counted(limit, id) then is_counted = true end
end

local counts = mode == 'consume' and is_within and not is_counted
local reply = {}
for _, limit in ipairs(limits) do
  local algorithm = algorithms[limit.kind]
  if counts and limit.cost > 0 then
    algorithm.count(limit, id, refundable)
    limit.free, limit.used = limit.free - limit.cost, limit.used + limit.cost
  end
  if is_counted then limit.wait = 0 end
  reply[#reply + 1] = math.max(0, limit.free)
  reply[#reply + 1] = limit.wait
  reply[#reply + 1] = limit.used > 0 and math.max(1, algorithm.wait_for(limit, 1)) or 0
end
return reply
