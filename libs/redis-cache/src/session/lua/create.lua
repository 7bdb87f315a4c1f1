-- Makes a session, unless all of the user's were ended since the login began, or the user has too many.
-- KEYS[1] session   KEYS[2] gate of the bucket; followed by the user, that of the user
-- KEYS[3] what the index of a user begins with
-- ARGV[1] id in the bucket   ARGV[2] user, '' = nobody   ARGV[3] generation at the beginning of the login, '' = any
-- ARGV[4] idle timeout in ms   ARGV[5] absolute timeout in ms   ARGV[6] what is fixed: secret of the CSRF tokens and device
-- ARGV[7] packed list of fields: name, value, …   ARGV[8] greatest size in bytes
-- ARGV[9] most sessions of a user, 0 = any number   ARGV[10] when there are so many: evict-oldest | reject
-- ARGV[11] id that this session is to replace, '' = none   ARGV[12] lifetime of a tombstone in ms
-- Reply: {'created', Redis's time, expires, evicted ids} | {'revoked'} | {'destroyed'} | {'full', number}
-- | {'too-large', bytes}
-- @include clock
-- @include generation
-- @include packed-list
-- @include session
-- @include index
-- @include fields
local session, gate, index = KEYS[1], KEYS[2], KEYS[3] .. ARGV[2]
local id, user, expected = ARGV[1], ARGV[2], ARGV[3]
local idle, absolute, facts = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6]
local fields, max_size = unpack_list(ARGV[7]), tonumber(ARGV[8])
local max_sessions, when_full, replaced, tombstone_ms = tonumber(ARGV[9]), ARGV[10], ARGV[11], ARGV[12]
local head = string.sub(session, 1, #session - #id)

local DAY_MS = 24 * 60 * 60 * 1000

local state = open_session(session, head, gate)
if state == 'live' then
  return { 'created', tonumber(redis.call('HGET', session, 'created')), redis.call('PEXPIRETIME', session), {} }
end
if state ~= 'unknown' then return { 'destroyed' } end

local generation = generation_of(gate, user)
if expected ~= '' and expected ~= generation then return { 'revoked' } end

local size = 0
for at = 1, #fields, 2 do size = size + data_size(fields[at], fields[at + 1]) end
if size > max_size then return { 'too-large', size } end

local now = now_ms()
local evicted = {}
if user ~= '' and max_sessions > 0 then
  replaced = follow(head, replaced)
  local others = {}
  for _, other in ipairs(living(index, head, gate, now)) do
    if other ~= replaced then others[#others + 1] = other end
  end
  if #others >= max_sessions and when_full == 'reject' then return { 'full', #others } end
  local age = {}
  for _, other in ipairs(others) do age[other] = tonumber(redis.call('HGET', head .. other, 'created')) end
  table.sort(others, function(one, other)
    if age[one] == age[other] then return one < other end
    return age[one] < age[other]
  end)
  for at = 1, #others - max_sessions + 1 do
    bury(head .. others[at], tombstone_ms)
    redis.call('ZREM', index, others[at])
    evicted[at] = others[at]
  end
end

local expires = now + math.min(idle, absolute)
redis.call('HSET', session, 'state', 'live', 'generation', generation, 'user', user, 'created', now, 'seen', now,
  'expires', expires, 'version', 0, 'facts', facts)
write_fields(session, fields, {}, max_size)
redis.call('PEXPIREAT', session, expires)
if user ~= '' then
  list_session(index, id, now, expires)
  redis.call('PEXPIRE', gate .. user, absolute + DAY_MS, 'GT')
end
redis.call('PEXPIRE', gate, absolute + DAY_MS, 'GT')
return { 'created', now, expires, evicted }
