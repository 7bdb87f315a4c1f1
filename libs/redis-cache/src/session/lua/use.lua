-- Tells a session, and notes that it is in use.
-- KEYS[1] session   KEYS[2] gate of the bucket; followed by the user, that of the user
-- KEYS[3] what the index of a user begins with
-- ARGV[1] id in the bucket   ARGV[2] idle timeout in ms   ARGV[3] absolute timeout in ms
-- ARGV[4] how long after it was last noted use need not be noted again, in ms
-- ARGV[5] packed list of the fields to tell, '' = all
-- Reply: what is told | {'moved', id} | {'gone'} | {'unknown'}
-- @include clock
-- @include generation
-- @include packed-list
-- @include session
-- @include index
-- @include expiry
-- @include tell
-- @include tell-some
local session, gate, index = KEYS[1], KEYS[2], KEYS[3]
local id, names = ARGV[1], ARGV[5]
local timeouts = { idle = tonumber(ARGV[2]), absolute = tonumber(ARGV[3]), touch_every = tonumber(ARGV[4]) }

local state, user, next_id = open_session(session, string.sub(session, 1, #session - #id), gate)
if state == 'moved' then return { state, next_id } end
if state ~= 'live' and state ~= 'frozen' then return { state } end

if state == 'live' and not keep_alive(session, index, id, user, timeouts) then return { 'gone' } end
return names == '' and tell(session) or tell_some(session, names)
