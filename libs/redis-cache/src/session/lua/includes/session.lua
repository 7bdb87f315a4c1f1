local MOST_MOVES = 32

-- Goes where rotations have led. Returns the id there, and the state.
local function follow(head, id)
  local state, next_id = unpack(redis.call('HMGET', head .. id, 'state', 'next'))
  for _ = 1, MOST_MOVES do
    if state ~= 'moved' then break end
    id = next_id
    state, next_id = unpack(redis.call('HMGET', head .. id, 'state', 'next'))
  end
  return id, state
end

-- state: live | frozen (a login has replaced it) | moved (rotated; next is where it is now) | destroyed
local function open_session(session, head, gate)
  local state, generation, user, next_id = unpack(redis.call('HMGET', session, 'state', 'generation', 'user', 'next'))
  if not state then return 'unknown', '', '' end
  if state == 'moved' then return 'moved', '', next_id end
  if state == 'destroyed' then return 'gone', '', '' end
  if generation ~= generation_of(gate, user) then return 'gone', user, '' end
  if state == 'frozen' and next_id ~= '' then
    local _, of_successor = follow(head, next_id)
    if of_successor ~= 'live' then return 'gone', user, '' end
  end
  return state, user, next_id
end

-- UNLINK comes first: a full Redis lets a script go on that begins with it.
local function bury(session, tombstone_ms)
  redis.call('UNLINK', session)
  redis.call('HSET', session, 'state', 'destroyed')
  redis.call('PEXPIRE', session, tombstone_ms)
end
