-- The queue is a sorted set: attempt → ticket. Beside it a hash of waiters: attempt →
-- "<mode> <permits> <waits until, ms> <since, ms> <command that publishes> <length of the channel> <channel><who>", and
-- "turn " + attempt → until when it is the waiter's turn. Whoever does not come while it is his turn loses his place.
local TURN_MS = 1000
local MOST_LOOKED_AT = 100

local function read_waiter(text)
  local mode, permits, ends_at, since, publish, length, rest =
    string.match(text, '^(%a+) (%d+) (%d+) (%d+) (%u+) (%d+) (.*)$')
  return { mode = mode, permits = tonumber(permits), ends_at = tonumber(ends_at), since = since, publish = publish,
    channel = string.sub(rest, 1, tonumber(length)), who = string.sub(rest, tonumber(length) + 1) }
end

local function write_waiter(waiters, attempt, waiter)
  redis.call('HSET', waiters, attempt, string.format('%s %.0f %.0f %.0f %s %d %s%s',
    waiter.mode, waiter.permits, waiter.ends_at, waiter.since, waiter.publish, #waiter.channel, waiter.channel, waiter.who))
end

local function leave_queue(queue, waiters, attempt)
  if redis.call('ZREM', queue, attempt) == 1 then redis.call('HDEL', waiters, attempt, 'turn ' .. attempt) end
end

-- Whether somebody has heard it. A publication that is refused (access list) is one that nobody hears.
local function call_up(waiters, attempt, waiter, now)
  redis.call('HSET', waiters, 'turn ' .. attempt, string.format('%.0f', now + TURN_MS))
  local heard = redis.pcall(waiter.publish, waiter.channel, attempt)
  return type(heard) == 'number' and heard > 0
end

-- Goes along the queue as far as there is room, and calls up those whose turn it is.
-- Returns 'turn' when the asker is reached, 'full' when there is no room before, 'end' when nobody is left.
local function serve_queue(queue, waiters, occupied, now, asker)
  local attempts = redis.call('ZRANGE', queue, 0, MOST_LOOKED_AT - 1)
  for _, attempt in ipairs(attempts) do
    local text = redis.call('HGET', waiters, attempt)
    local waiter = text and read_waiter(text)
    local turn = tonumber(redis.call('HGET', waiters, 'turn ' .. attempt))
    local is_absent = waiter and (waiter.ends_at <= now or (turn and turn <= now))
    if not waiter or (is_absent and attempt ~= asker) then
      leave_queue(queue, waiters, attempt)
    elseif not fits(waiter.mode, waiter.permits, occupied) then
      return 'full'
    elseif attempt == asker then
      return 'turn'
    elseif turn or call_up(waiters, attempt, waiter, now) then
      occupied.count = occupied.count + 1
      if waiter.mode == 'write' then occupied.writers = occupied.writers + 1 end
    end
  end
  return #attempts == MOST_LOOKED_AT and 'full' or 'end'
end

-- After somebody has gone: he leaves the queue as well, and those for whom there is room are called up.
local function hand_over(holders, queue, waiters, attempt, now)
  leave_queue(queue, waiters, attempt)
  serve_queue(queue, waiters, occupancy_of(holders, now, attempt), now, '')
  mark_queue(holders, queue)
end
