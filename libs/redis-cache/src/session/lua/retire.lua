-- Ends a session that a login has replaced. Until the grace ends it can be read as it was; that of another user cannot.
-- KEYS[1] session   KEYS[2] gate of the bucket; followed by the user, that of the user
-- KEYS[3] what the index of a user begins with
-- ARGV[1] id in the bucket   ARGV[2] user who has logged in
-- ARGV[3] id of the new session, if it lies in the same bucket: when that ends, the old one ends too; else ''
-- ARGV[4] grace in ms   ARGV[5] lifetime of a tombstone in ms
-- Reply: {'retired', what is told} | {'ended', its user}: that was another one | {'moved', id} | {'gone'} | {'unknown'}
-- @include generation
-- @include session
-- @include tell
local session, gate, index = KEYS[1], KEYS[2], KEYS[3]
local id, new_user, successor, grace, tombstone_ms = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]
local head = string.sub(session, 1, #session - #id)

local state, user, next_id = open_session(session, head, gate)
if state == 'moved' then return { state, next_id } end
if state ~= 'live' and state ~= 'frozen' then return { state } end

if user ~= '' and user ~= new_user then
  bury(session, tombstone_ms)
  redis.call('ZREM', index .. user, id)
  return { 'ended', user }
end

local told = tell(session)
if state == 'live' then
  redis.call('HSET', session, 'state', 'frozen', 'next', user ~= '' and successor or '')
  redis.call('PEXPIRE', session, grace, 'LT')
  redis.call('HSET', session, 'expires', redis.call('PEXPIRETIME', session))
  if user ~= '' then redis.call('ZREM', index .. user, id) end
end
return { 'retired', told }
