-- Decides requests, each for itself: is it within all its limits? Then it is counted for all of them, else for none. Sent twice, it
-- counts once.
-- KEYS[1] notes of the group   KEYS[2…] state of each limit
-- ARGV[1] the requests; see includes/requests.lua   ARGV[2] consume | peek
-- ARGV[3] group of the requests   ARGV[4] ms for which they are noted
-- Reply: of each limit: units left, ms until the request fits (0 = it does), ms until one more unit is left (0 = all are). Units left
-- are -1 when something is wrong with the state of this request; when none could be decided, the error is the reply.
-- @include clock
-- @include requests
-- @include sliding-log
-- @include sliding-counter
-- @include fixed-window
-- @include gcra
-- @include concurrency
local requests, fields = read_requests(ARGV[1], ARGV[3])
local counts, notes, noted_for = ARGV[2] == 'consume', KEYS[1], tonumber(ARGV[4])
local noted_before = counts and redis.call('HMGET', notes, unpack(fields)) or {}
local noted, count_of_noted = {}, 0

local function wait_of(limit)
  local rules = limit.rules
  local lacking = limit.used + rules.cost - rules.capacity
  if lacking <= 0 then return 0 end
  if rules.cost > rules.capacity then return rules.window end
  return math.max(1, rules.algorithm.wait_for(limit, lacking))
end

local function look(request)
  local is_within = true
  for at = 1, #request do
    local limit = request[at]
    limit.rules.algorithm.look(limit)
    limit.wait = wait_of(limit)
    if limit.wait > 0 then is_within = false end
  end
  return is_within
end

local function is_noted(request)
  for at = 1, #request do
    if noted_before[request[at].nth] then return true end
  end
  return false
end

local function count(request)
  for at = 1, #request do
    local limit = request[at]
    local rules = limit.rules
    if rules.cost > 0 then
      rules.algorithm.count(limit)
      limit.used = limit.used + rules.cost
      noted[count_of_noted + 1], noted[count_of_noted + 2] = fields[limit.nth], limit.counted_in
      count_of_noted = count_of_noted + 2
    end
  end
end

-- More may be used than the limit allows, since it was lowered: these have to go first.
local function until_next_unit(limit)
  if limit.used == 0 then return 0 end
  return math.max(1, limit.rules.algorithm.wait_for(limit, math.max(1, limit.used - limit.rules.capacity + 1)))
end

local function decide(request)
  local is_within, is_counted = look(request), is_noted(request)
  if counts and is_within and not is_counted then count(request) end
  for at = 1, #request do
    local limit = request[at]
    if is_counted then limit.wait = 0 end
    limit.next_unit = until_next_unit(limit)
  end
end

local replies, length = {}, 0
local function reply(remaining, wait, next_unit)
  replies[length + 1], replies[length + 2], replies[length + 3] = remaining, wait, next_unit
  length = length + 3
end

local failures, failure = 0, nil
for each = 1, #requests do
  local request = requests[each]
  local is_decided, why = pcall(decide, request)
  if not is_decided then
    failures, failure = failures + 1, type(why) == 'table' and why.err or why
  end
  for at = 1, #request do
    local limit = request[at]
    if is_decided then
      reply(math.max(0, limit.rules.capacity - limit.used), limit.wait, limit.next_unit)
    else
      reply(-1, 0, 0)
    end
  end
end
if count_of_noted > 0 then
  redis.call('HSET', notes, unpack(noted))
  keep_notes(notes, noted_for)
end
if failures == #requests then return redis.error_reply(failure) end
return replies
