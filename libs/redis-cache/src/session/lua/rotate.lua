-- Gives a session another id. Until the grace ends, the old one leads to it.
-- KEYS[1] session   KEYS[2] session under its next id
-- KEYS[3] gate of the bucket; followed by the user, that of the user   KEYS[4] what the index of a user begins with
-- ARGV[1] id in the bucket   ARGV[2] next id in the bucket   ARGV[3] grace in ms
-- Reply: {'rotated'} | {'moved', id} | {'frozen'} | {'gone'} | {'unknown'}
-- @include generation
-- @include session
-- @include index
local session, renamed, gate, index = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local id, new_id, grace = ARGV[1], ARGV[2], ARGV[3]
local head = string.sub(session, 1, #session - #id)

local state, user, next_id = open_session(session, head, gate)
if state == 'moved' and next_id == new_id then return { 'rotated' } end
if state == 'moved' then return { state, next_id } end
if state ~= 'live' then return { state } end

redis.call('RENAME', session, renamed)
redis.call('HSET', session, 'state', 'moved', 'next', new_id)
redis.call('PEXPIRE', session, grace)
if user ~= '' then
  local expires = redis.call('ZSCORE', index .. user, id)
  redis.call('ZREM', index .. user, id)
  redis.call('ZADD', index .. user, expires or redis.call('PEXPIRETIME', renamed), new_id)
  expire_index(index .. user)
end
return { 'rotated' }
