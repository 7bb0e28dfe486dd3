# Answers that people give to the exercises of lesson 11. `right` ones must be called right, `wrong` ones must hear the
# sentence behind the colon; … stands for anything. tests/test_answers.py runs them all.

# %% right check_backoff
class MyBackoff:
    def __init__(self, options, chance):
        self.options, self.chance, self.attempts = options, chance, 0
        self.delay = options.reconnection_delay

    def duration(self):
        if self.attempts == 0:
            self.delay = self.options.reconnection_delay
        number = self.chance()
        share = number * self.options.randomization_factor
        sign = 1 if int(number * 10) in (1, 3, 5, 7, 9) else -1
        seconds = min(self.delay * (1 + sign * share), self.options.reconnection_delay_max)
        self.delay = min(self.delay * 2, 1e9)
        self.attempts += 1
        return seconds

# %% right check_backoff
class MyBackoff:
    def __init__(self, options, chance):
        self.attempts = 0
        self.options = options
        self.chance = chance

    def duration(self):
        try:
            delay = self.options.reconnection_delay * 2.0 ** self.attempts
        except OverflowError:
            delay = 1e300
        self.attempts = self.attempts + 1
        random = self.chance()
        deviation = random * self.options.randomization_factor * delay
        digit = int(str(f"{random:.6f}")[2])
        if digit % 2:
            delay = delay + deviation
        else:
            delay = delay - deviation
        if delay > self.options.reconnection_delay_max:
            return self.options.reconnection_delay_max
        return delay

# %% right check_backoff
class MyBackoff:
    attempts = 0

    def __init__(self, options, chance):
        self.options, self.chance = options, chance

    def duration(self):
        exponent, self.attempts = min(self.attempts, 40), self.attempts + 1
        least, most = self.options.reconnection_delay, self.options.reconnection_delay_max
        die = self.chance()
        factor = self.options.randomization_factor * (die if math.floor(die * 10) & 1 else -die)
        return min(most, (1 << exponent) * least * (1 + factor))

# %% wrong check_backoff: `attempts` of a new back-off
class MyBackoff:
    def __init__(self, options, chance):
        self.options, self.chance, self.attempts = options, chance, 1

    def duration(self):
        self.attempts += 1
        return min(self.options.reconnection_delay * 2 ** (self.attempts - 2), self.options.reconnection_delay_max)

# %% wrong check_backoff: `attempts` after one `duration()`
class MyBackoff:
    def __init__(self, options, chance):
        self.options, self.chance, self.attempts = options, chance, 0

    def duration(self):
        number = self.chance()
        delay = self.options.reconnection_delay * 2.0 ** self.attempts
        return min(delay + number * self.options.randomization_factor * delay, self.options.reconnection_delay_max)

# %% wrong check_backoff: One `duration()` asked for 2 random numbers. It asks for one, and uses it twice.
class MyBackoff:
    def __init__(self, options, chance):
        self.options, self.chance, self.attempts = options, chance, 0

    def duration(self):
        delay = self.options.reconnection_delay * 2.0 ** min(self.attempts, 1000)
        deviation = self.chance() * self.options.randomization_factor * delay
        delay += deviation if math.floor(self.chance() * 10) % 2 else -deviation
        self.attempts += 1
        return min(delay, self.options.reconnection_delay_max)

# %% wrong check_backoff: One `duration()` asked for 0 random numbers.
class MyBackoff:
    def __init__(self, options, chance):
        self.options, self.chance, self.attempts = options, chance, 0

    def duration(self):
        self.attempts += 1
        return min(self.options.reconnection_delay * 2.0 ** (self.attempts - 1), self.options.reconnection_delay_max)

# %% wrong check_backoff: wait 1 is 1000 s; the official client waits 1 s. Is yours in milliseconds?
class MyBackoff:
    def __init__(self, options, chance):
        self.options, self.chance, self.attempts = options, chance, 0

    def duration(self):
        delay = self.options.reconnection_delay * 1000 * 2.0 ** min(self.attempts, 1000)
        number = self.chance()
        deviation = number * self.options.randomization_factor * delay
        delay += deviation if math.floor(number * 10) % 2 else -deviation
        self.attempts += 1
        return min(delay, self.options.reconnection_delay_max * 1000)

# %% wrong check_backoff: Nobody waits longer than the limit. It comes last, after the jitter.
class MyBackoff:
    def __init__(self, options, chance):
        self.options, self.chance, self.attempts = options, chance, 0

    def duration(self):
        delay = min(self.options.reconnection_delay * 2.0 ** min(self.attempts, 1000), self.options.reconnection_delay_max)
        number = self.chance()
        deviation = number * self.options.randomization_factor * delay
        self.attempts += 1
        return delay + (deviation if math.floor(number * 10) % 2 else -deviation)

# %% wrong check_backoff: Yours does not grow. The delay is doubled once for each attempt.
class MyBackoff:
    def __init__(self, options, chance):
        self.options, self.chance, self.attempts = options, chance, 0

    def duration(self):
        number = self.chance()
        deviation = number * self.options.randomization_factor * self.options.reconnection_delay
        self.attempts += 1
        delay = self.options.reconnection_delay + (deviation if math.floor(number * 10) % 2 else -deviation)
        return min(delay, self.options.reconnection_delay_max)

# %% wrong check_backoff: With the random number 0.0, wait 1 is 0.5 s; the official client waits 1 s. The deviation is `chance * factor * delay`, here nothing
class MyBackoff:
    def __init__(self, options, chance):
        self.options, self.chance, self.attempts = options, chance, 0

    def duration(self):
        delay = self.options.reconnection_delay * 2.0 ** min(self.attempts, 1000)
        self.attempts += 1
        return min(delay * (1 + (2 * self.chance() - 1) * self.options.randomization_factor), self.options.reconnection_delay_max)

# %% wrong check_backoff: After a thousand failures it raises OverflowError
class MyBackoff:
    def __init__(self, options, chance):
        self.options, self.chance, self.attempts = options, chance, 0

    def duration(self):
        delay = self.options.reconnection_delay * 2.0 ** self.attempts
        number = self.chance()
        deviation = number * self.options.randomization_factor * delay
        delay += deviation if math.floor(number * 10) % 2 else -deviation
        self.attempts += 1
        return min(delay, self.options.reconnection_delay_max)

# %% wrong check_backoff: the wait after 1,100 failures, the limit in milliseconds, to be `5000`, got
class MyBackoff:
    def __init__(self, options, chance):
        self.options, self.chance, self.attempts = options, chance, 0

    def duration(self):
        try:
            delay = self.options.reconnection_delay * 2.0 ** self.attempts
        except OverflowError:
            delay = 0
        number = self.chance()
        deviation = number * self.options.randomization_factor * delay
        delay += deviation if math.floor(number * 10) % 2 else -deviation
        self.attempts += 1
        return min(delay, self.options.reconnection_delay_max)

# %% wrong check_backoff: `duration()` returned None. It returns how many seconds to wait.
class MyBackoff:
    def __init__(self, options, chance):
        self.options, self.chance, self.attempts = options, chance, 0

    def duration(self):
        self.attempts += 1
        self.chance()

# %% wrong check_backoff: Nobody waits longer than the limit.
class MyBackoff:
    def __init__(self, options, chance):
        self.options, self.chance, self.attempts = options, chance, 0

    def duration(self):
        delay = self.options.reconnection_delay * 2.0 ** min(self.attempts, 1000)
        number = self.chance()
        deviation = number * self.options.randomization_factor * delay
        self.attempts += 1
        return delay + deviation if math.floor(number * 10) % 2 else delay - deviation

# %% right check_follow
def follow(socket, show):
    @socket.on("connect")
    def connected():
        socket.emit("subscribe")

    @socket.on("price")
    def price(value):
        show(value)

# %% right check_follow
def follow(socket, show):
    async def subscribe():
        socket.emit("subscribe")

    async def told(price):
        show(price)

    socket.on("connect", subscribe)
    socket.on("price", told)

# %% right check_follow
def follow(socket, show):
    registered = False

    def connected():
        nonlocal registered
        if not registered:
            socket.on("price", show)
            registered = True
        socket.emit("subscribe")

    socket.on("connect", connected)

# %% wrong check_follow: Each `connect` adds one more handler: `on` belongs outside.
def follow(socket, show):
    @socket.on("connect")
    def connected():
        socket.emit("subscribe")
        socket.on("price", show)

# %% wrong check_follow: The server was restarted and your client is back, but nobody has subscribed
def follow(socket, show):
    socket.on("price", show)
    socket.emit("subscribe")

# %% wrong check_follow: The server was restarted and your client is back, but nobody has subscribed
def follow(socket, show):
    socket.on("price", show)
    done = []

    @socket.on("connect")
    def connected():
        if not done:
            socket.emit("subscribe")
            done.append(True)

# %% wrong check_follow: Before any outage the server has 2 subscriptions of yours.
def follow(socket, show):
    socket.on("price", show)
    socket.emit("subscribe")
    socket.on("connect", lambda: socket.emit("subscribe"))

# %% wrong check_follow: After one outage the server has 2 subscriptions of yours.
def follow(socket, show):
    socket.on("price", show)
    socket.on("connect", lambda: socket.emit("subscribe"))
    socket.on("disconnect", lambda reason: socket.emit("subscribe"))

# %% wrong check_follow: Your client is connected, and nobody has subscribed
def follow(socket, show):
    socket.on("price", show)

# %% wrong check_follow: Before any outage the server told the price 7, and `show` was not called with it.
def follow(socket, show):
    socket.on("connect", lambda: socket.emit("subscribe"))
    socket.on("prices", show)

# %% wrong check_follow: Your client is connected, and nobody has subscribed
def follow(socket, show):
    socket.on("price", show)
    if socket.connected:
        socket.emit("subscribe")

# %% right check_gauge
def gauge(socket):
    newest = None

    def report(level):
        nonlocal newest
        if socket.connected:
            socket.emit("say", level)
        else:
            newest = level

    def connected():
        nonlocal newest
        if newest is not None:
            socket.emit("say", newest)
            newest = None

    socket.on("connect", connected)
    return report

# %% right check_gauge
class Gauge:
    def __init__(self, socket):
        self.socket, self.kept = socket, []
        socket.on("connect", self.catch_up)

    def __call__(self, level):
        self.kept = [level]
        if self.socket.connected:
            self.catch_up()

    def catch_up(self):
        for level in self.kept:
            self.socket.emit("say", level)
        self.kept = []

def gauge(socket):
    return Gauge(socket)

# %% right check_gauge
def gauge(socket):
    def report(level):
        if not socket.connected:
            socket.send_buffer.clear()
        socket.emit("say", level)

    return report

# %% wrong check_gauge: The server heard [20, 21, 0] afterwards; it should be 0, the newest.
def gauge(socket):
    return lambda level: socket.emit("say", level)

# %% wrong check_gauge: Nothing came when the client was back. Emit the newest then.
def gauge(socket):
    def report(level):
        if socket.connected:
            socket.emit("say", level)

    return report

# %% wrong check_gauge: The server heard [20] afterwards; it should be 0, the newest.
def gauge(socket):
    waiting = []

    def report(level):
        if socket.connected:
            socket.emit("say", level)
        elif not waiting:
            waiting.append(level)

    socket.on("connect", lambda: waiting and socket.emit("say", waiting.pop()))
    return report

# %% wrong check_gauge: One more outage, and nothing was reported in it. The server heard [0]
def gauge(socket):
    waiting = []

    def report(level):
        if socket.connected:
            socket.emit("say", level)
        else:
            waiting[:] = [level]

    socket.on("connect", lambda: waiting and socket.emit("say", waiting[0]))
    return report

# %% wrong check_gauge: 0 came 3 times. How often is your handler of `connect` registered?
def gauge(socket):
    newest = None

    def report(level):
        nonlocal newest
        newest = level
        if socket.connected:
            socket.emit("say", level)
        else:
            socket.on("connect", lambda: socket.emit("say", newest))

    return report

# %% wrong check_gauge: The server heard [20, 21, 0] afterwards
def gauge(socket):
    waiting = []

    def report(level):
        if socket.connected:
            socket.emit("say", level)
        else:
            waiting.append(level)

    @socket.on("connect")
    def connected():
        while waiting:
            socket.emit("say", waiting.pop(0))

    return report

# %% wrong check_gauge: Connected, 10 and 11 were reported. The server heard [].
def gauge(socket):
    newest = []

    def report(level):
        newest[:] = [level]

    socket.on("connect", lambda: newest and socket.emit("say", newest.pop()))
    return report

# %% wrong check_gauge: `gauge(socket)` returned None. It returns a function, `report(level)`.
def gauge(socket):
    def report(level):
        socket.emit("say", level)

# %% right check_gauge
def gauge(socket):
    state = {"newest": None}

    async def connected():
        level, state["newest"] = state["newest"], None
        if level is not None:
            socket.emit("say", level)

    def report(level):
        state["newest"] = None if socket.connected else level
        if socket.connected:
            socket.emit("say", level)

    socket.on("connect", connected)
    return report

# %% wrong check_gauge: Nothing came when the client was back. Emit the newest then.
def gauge(socket):
    newest = None

    def report(level):
        if socket.connected:
            socket.emit("say", level)
        else:
            newest = level

    @socket.on("connect")
    def catch_up():
        if newest is not None:
            socket.emit("say", newest)

    return report

# %% right check_follow
def follow(socket, show):
    """A class, and its two methods."""
    class Screen:
        def price(self, price):
            show(price)

        async def connect(self):
            socket.emit("subscribe")

    screen = Screen()
    for name in ("price", "connect"):
        socket.on(name, getattr(screen, name))

# %% wrong check_follow: After one outage the server has 2 subscriptions of yours.
def follow(socket, show):
    @socket.on("connect")
    def subscribe():
        socket.emit("subscribe")

    @socket.on("disconnect")
    def again(reason):
        socket.emit("subscribe")

    socket.on("price", show)

# %% right check_backoff
class MyBackoff:
    """The next delay is kept, not the power."""

    def __init__(self, options, chance):
        self.options, self.chance = options, chance
        self.attempts = 0
        self.delay = options.reconnection_delay

    def duration(self):
        number, delay = self.chance(), self.delay
        sign = 1 if int(str(f"{number:.12f}")[2]) % 2 else -1
        self.attempts += 1
        self.delay = min(delay * 2, 1e9)
        return min(delay + sign * number * self.options.randomization_factor * delay, self.options.reconnection_delay_max)

# %% wrong check_backoff: Nobody waits longer than the limit. It comes last, after the jitter.
class MyBackoff:
    def __init__(self, options, chance):
        self.options, self.chance, self.attempts = options, chance, 0

    def duration(self):
        delay = min(self.options.reconnection_delay * 2.0 ** min(self.attempts, 1000), self.options.reconnection_delay_max)
        number = self.chance()
        deviation = number * self.options.randomization_factor * delay
        self.attempts += 1
        return delay + deviation if int(number * 10) % 2 else delay - deviation

# %% wrong check_backoff: wait 1 is 2 s; the official client waits 1 s. The deviation is `chance * factor * delay`, here nothing, and the delay is doubled
class MyBackoff:
    def __init__(self, options, chance):
        self.options, self.chance, self.attempts = options, chance, 0

    def duration(self):
        self.attempts += 1
        delay = self.options.reconnection_delay * 2.0 ** min(self.attempts, 1000)
        number = self.chance()
        deviation = number * self.options.randomization_factor * delay
        delay += deviation if int(number * 10) % 2 else -deviation
        return min(delay, self.options.reconnection_delay_max)

# %% wrong check_backoff: wait 3 is 3 s; the official client waits 4 s. The deviation is `chance * factor * delay`, here nothing, and the delay is doubled
class MyBackoff:
    def __init__(self, options, chance):
        self.options, self.chance, self.attempts = options, chance, 0

    def duration(self):
        delay = self.options.reconnection_delay * (self.attempts + 1)
        number = self.chance()
        deviation = number * self.options.randomization_factor * delay
        self.attempts += 1
        return min(delay + (deviation if int(number * 10) % 2 else -deviation), self.options.reconnection_delay_max)

# %% wrong check_backoff: With the default settings your waits are right, with others they are not.
class MyBackoff:
    def __init__(self, options, chance):
        self.chance, self.attempts = chance, 0

    def duration(self):
        delay = 2.0 ** min(self.attempts, 1000)
        number = self.chance()
        deviation = number * 0.5 * delay
        self.attempts += 1
        return min(delay + (deviation if math.floor(number * 10) % 2 else -deviation), 5)

# %% wrong check_backoff: One `duration()` asked for 0 random numbers. It asks for one, and uses it twice.
class MyBackoff:
    def __init__(self, options, chance):
        self.options, self.number, self.attempts = options, chance(), 0

    def duration(self):
        delay = self.options.reconnection_delay * 2.0 ** min(self.attempts, 1000)
        deviation = self.number * self.options.randomization_factor * delay
        self.attempts += 1
        return min(delay + (deviation if math.floor(self.number * 10) % 2 else -deviation), self.options.reconnection_delay_max)

# %% right check_backoff
@dataclass
class MyBackoff:
    options: object
    chance: object
    attempts: int = 0

    def duration(self):
        settings, number = self.options, self.chance()
        delay = math.ldexp(settings.reconnection_delay, min(self.attempts, 900))
        away = number * settings.randomization_factor * delay
        if int(number * 10) % 2 == 0:
            away = -away
        self.attempts += 1
        return min(delay + away, settings.reconnection_delay_max)

# %% wrong check_backoff: minus for an even first digit, plus for an odd one.
class MyBackoff:
    def __init__(self, options, chance):
        self.options, self.chance, self.attempts = options, chance, 0

    def duration(self):
        delay = self.options.reconnection_delay * 2.0 ** min(self.attempts, 1000)
        delay += self.chance() * self.options.randomization_factor * delay
        self.attempts += 1
        return min(delay, self.options.reconnection_delay_max)

# %% wrong check_follow: After two outages the server told the price 7, and `show` was not called with it.
def follow(socket, show):
    seen = set()

    def once(price):
        if price not in seen:
            seen.add(price)
            show(price)

    @socket.on("connect")
    def connected():
        socket.on("price", once)
        socket.emit("subscribe")

# %% right check_follow
def follow(socket, show):
    socket.on("price", lambda price: show(price))
    socket.emit("subscribe")
    socket.io.on("reconnect", lambda attempts: socket.emit("subscribe"))

# %% wrong check_follow: After one outage the server has 2 subscriptions of yours.
def follow(socket, show):
    def connected():
        socket.emit("subscribe")
        socket.on("connect", connected)

    socket.on("price", show)
    socket.on("connect", connected)

# %% wrong check_gauge: Nothing came when the client was back. Emit the newest then. (0 is a level, too.)
def gauge(socket):
    newest = None

    def report(level):
        nonlocal newest
        if socket.connected:
            socket.emit("say", level)
        else:
            newest = level

    @socket.on("connect")
    def back():
        nonlocal newest
        if newest:
            socket.emit("say", newest)
        newest = None

    return report

# %% wrong check_gauge: The server heard [21] afterwards; it should be 0, the newest.
def gauge(socket):
    waiting = []

    def report(level):
        if socket.connected:
            socket.emit("say", level)
        else:
            waiting.append(level)

    @socket.on("connect")
    def back():
        if waiting:
            socket.emit("say", max(waiting))
            waiting.clear()

    return report

# %% wrong check_gauge: The server heard [20, 21, 0] afterwards; it should be 0, the newest.
def gauge(socket):
    waiting = []

    def report(level):
        if socket.active:
            socket.emit("say", level)
        else:
            waiting[:] = [level]

    socket.on("connect", lambda: waiting and socket.emit("say", waiting.pop()))
    return report

# %% right check_gauge
def gauge(socket):
    def report(level):
        socket.emit("say", level)
        del socket.send_buffer[:-1]

    return report
