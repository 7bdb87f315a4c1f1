-- The limits of a request: "kind limit window cost burst" of each in one text, keys in another.
local function read_limits(first_key, other_keys, numbers)
  local keys, limits = { first_key }, {}
  for key in string.gmatch(other_keys, '%Z+') do keys[#keys + 1] = key end
  for kind, limit, window, cost, burst in string.gmatch(numbers, '(%a+) (%d+) (%d+) (%d+) (%d+)') do
    limits[#limits + 1] = {
      key = keys[#limits + 1],
      kind = kind,
      limit = tonumber(limit),
      window = tonumber(window),
      cost = tonumber(cost),
      burst = tonumber(burst),
    }
  end
  return limits
end

local algorithms = {}

-- Only what a request needs is made: a script is run from its first line each time.
local function has_kind(numbers, kind)
  return string.find(numbers, kind, 1, true) ~= nil
end

-- Counters cannot tell one request from another: what was counted is noted under its id, as long as it may be re-sent or refunded.
local function note_of(limit, id)
  return limit.key .. ':' .. id
end

local function is_noted(limit, id)
  return redis.call('EXISTS', note_of(limit, id)) == 1
end

local function note(limit, id, refundable, what)
  redis.call('SET', note_of(limit, id), what, 'PX', math.min(refundable, limit.window))
end

-- What is noted as counted is not counted when it comes.
local function give_up(limit, id, late)
  redis.call('SET', note_of(limit, id), 0, 'PX', late)
end

local function take_note(limit, id)
  return redis.call('GETDEL', note_of(limit, id))
end

-- Members of one request in a sorted set, one for each unit of its cost.
local function members_of(limit, id)
  local members = { id }
  for unit = 2, limit.cost do members[unit] = id .. ':' .. unit end
  return members
end

local function remove_members(limit, id)
  return redis.call('ZREM', limit.key, unpack(members_of(limit, id)))
end

local function last_score(key)
  return tonumber(redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')[2] or 0)
end
