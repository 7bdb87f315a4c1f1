-- Holders are a hash: attempt → "<fencing token> <ms from the time of the token to the end> <mode> <who>". Modes: write | read |
-- permit. Beside them lies the last fencing token, for at least a week after it was given, and while there is a queue two marks.
-- So HDEL of an attempt and both marks tells by its number who gives back without a script: odd, it was held; more than one,
-- somebody waits. It takes the marks away, and who is told of a queue sets them again.
local FENCE, MARK, OTHER_MARK = 'fence', 'queue', 'queue too'
local IS_BESIDE = { [FENCE] = true, [MARK] = true, [OTHER_MARK] = true }
local DAY_MS = 24 * 3600 * 1000

local function time_of(token)
  return tonumber(string.sub(token, 1, -4))
end

local function read_holder(text)
  local token, lasts, mode, who = string.match(text, '^(%d+) (-?%d+) (%a+) (.*)$')
  return { mode = mode, expires_at = time_of(token) + lasts, token = token, who = who }
end

local function write_holder(holders, attempt, holder)
  redis.call('HSET', holders, attempt, string.format('%s %.0f %s %s',
    holder.token, holder.expires_at - time_of(holder.token), holder.mode, holder.who))
end

-- Not more often than every 100,000 seconds, hence two days more than a week.
local function keep_holders(holders, ttl)
  redis.call('PEXPIRE', holders, math.max(redis.call('PTTL', holders), 9 * DAY_MS, ttl + DAY_MS))
end

-- Who holds it now, and what the attempt itself was granted. Those whose time is over are dropped.
local function occupancy_of(holders, now, attempt)
  local occupied = { count = 0, writers = 0 }
  local fields = redis.call('HGETALL', holders)
  for at = 1, #fields, 2 do
    local holder = not IS_BESIDE[fields[at]] and read_holder(fields[at + 1])
    if fields[at] == attempt then occupied.own = holder end
    if holder and holder.expires_at > now then
      occupied.count = occupied.count + 1
      if holder.mode == 'write' then occupied.writers = occupied.writers + 1 end
      if not occupied.first or holder.expires_at < occupied.first.expires_at then occupied.first = holder end
    elseif holder then
      redis.call('HDEL', holders, fields[at])
    end
  end
  return occupied
end

local function mark_queue(holders, queue)
  if redis.call('EXISTS', queue) == 0 then
    redis.call('HDEL', holders, MARK, OTHER_MARK)
  elseif redis.call('EXISTS', holders) == 1 then
    redis.call('HSET', holders, MARK, '', OTHER_MARK, '')
  end
end

local function fits(mode, permits, occupied)
  if mode == 'write' then return occupied.count == 0 end
  if mode == 'read' then return occupied.writers == 0 end
  return occupied.count < permits
end
