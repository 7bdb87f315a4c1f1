-- Ends a session for good: what is under way for it finds a tombstone.
-- KEYS[1] session   KEYS[2] gate of the bucket; followed by the user, that of the user
-- KEYS[3] what the index of a user begins with
-- ARGV[1] id in the bucket   ARGV[2] user whose session it must be, '' = anybody's   ARGV[3] lifetime of a tombstone in ms
-- Reply: {'destroyed', user} | {'moved', id} | {'gone'} | {'unknown'}
-- @include generation
-- @include session
local session, gate, index = KEYS[1], KEYS[2], KEYS[3]
local id, owner, tombstone_ms = ARGV[1], ARGV[2], ARGV[3]
local head = string.sub(session, 1, #session - #id)

local state, user, next_id = open_session(session, head, gate)
if state == 'moved' then return { state, next_id } end
if state ~= 'live' and state ~= 'frozen' then return { state } end
if owner ~= '' and owner ~= user then return { 'unknown' } end

bury(session, tombstone_ms)
if user ~= '' then redis.call('ZREM', index .. user, id) end
return { 'destroyed', user }
