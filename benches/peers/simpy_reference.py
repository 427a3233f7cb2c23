"""The reference workloads W1 and W2 in SimPy 4.1, for comparison: `pip install simpy==4.1.2`, then
`python benches/peers/simpy_reference.py w2 100000 [seed]`. Prints mean results and CPU time per consignment.

Written the way a SimPy user would: a process for each consignment, `Resource`s for servers, a process for the train and
one for the border's nights. Nothing but the results of W1 and W2 is recorded.
"""

import math
import random
import sys
import time

import simpy


def lognormal(rng, mean, cv):
    variance = math.log(1.0 + cv * cv)
    return rng.lognormvariate(math.log(mean) - variance / 2.0, math.sqrt(variance))


def gamma(rng, shape, mean):
    return rng.gammavariate(shape, mean / shape)


def w1(customers, seed):
    rng, env, waits = random.Random(seed), simpy.Environment(), []
    desk = simpy.Resource(env, 1)

    def customer():
        arrived = env.now
        with desk.request() as turn:
            yield turn
            waits.append(env.now - arrived)
            yield env.timeout(rng.expovariate(1.0))

    def source():
        for _ in range(customers):
            yield env.timeout(rng.expovariate(0.9))
            env.process(customer())

    env.process(source())
    env.run()
    return {"mean wait": sum(waits) / len(waits)}


class Corridor:
    """W2: truck, terminal, daily train of 100 TEU, border open 06-22, gauge change, rail, customs, truck."""

    def __init__(self, consignments, seed):
        self.rng, self.env, self.count = random.Random(seed), simpy.Environment(), consignments
        self.terminal, self.border = simpy.Resource(self.env, 3), simpy.Resource(self.env, 2)
        self.gauge, self.customs = simpy.Resource(self.env, 2), simpy.Resource(self.env, 3)
        self.yard, self.transit = [], []
        self.waits = dict.fromkeys(["terminal", "train", "border", "gauge", "customs"], 0.0)

    def stage(self, name, resource, hours):
        arrived = self.env.now
        with resource.request() as turn:
            yield turn
            self.waits[name] += self.env.now - arrived
            yield self.env.timeout(hours)

    def consignment(self):
        env, rng, created, size = self.env, self.rng, self.env.now, self.rng.randint(1, 4)
        yield env.timeout(lognormal(rng, 12.0, 0.30))
        yield from self.stage("terminal", self.terminal, gamma(rng, 2, 1.75))
        ready, arrival = env.now, env.event()
        self.yard.append((size, ready, arrival))
        yield arrival
        arrived = env.now
        while True:
            with self.border.request() as turn:
                yield turn
                hour = env.now % 24.0
                if 6.0 <= hour < 22.0:
                    self.waits["border"] += env.now - arrived
                    yield env.timeout(gamma(rng, 4, 0.75))
                    break
                # Closed: hold the place in front of the desk until it opens.
                yield env.timeout((6.0 - hour) % 24.0)
                self.waits["border"] += env.now - arrived
                yield env.timeout(gamma(rng, 4, 0.75))
                break
        yield from self.stage("gauge", self.gauge, gamma(rng, 3, 1.15))
        yield env.timeout(lognormal(rng, 60.0, 0.20))
        inspection = lognormal(rng, 22.0, 1.0) if rng.random() < 0.05 else 0.0
        yield from self.stage("customs", self.customs, gamma(rng, 2, 0.60) + inspection)
        yield env.timeout(lognormal(rng, 8.0, 0.40))
        self.transit.append(env.now - created)

    def trains(self):
        while len(self.transit) < self.count:
            yield self.env.timeout(24.0)
            load, aboard = 0, []
            while self.yard and load + self.yard[0][0] <= 100:
                size, ready, arrival = self.yard.pop(0)
                load += size
                self.waits["train"] += self.env.now - ready
                aboard.append(arrival)
            self.env.process(self.run_train(aboard))

    def run_train(self, aboard):
        yield self.env.timeout(lognormal(self.rng, 36.0, 0.15))
        for arrival in aboard:
            arrival.succeed()

    def source(self):
        for _ in range(self.count):
            yield self.env.timeout(self.rng.expovariate(1.4))
            self.env.process(self.consignment())

    def run(self):
        self.env.process(self.source())
        self.env.process(self.trains())
        self.env.run()
        means = {f"wait {name}": total / self.count for name, total in self.waits.items()}
        return {"mean transit": sum(self.transit) / len(self.transit), **means}


def main():
    workload, count = sys.argv[1], int(sys.argv[2])
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    start = time.process_time()
    results = w1(count, seed) if workload == "w1" else Corridor(count, seed).run()
    seconds = time.process_time() - start
    for name, value in results.items():
        print(f"{name:14} {value:9.3f}")
    print(f"{'CPU':14} {seconds / count * 1e6:9.2f} us per consignment")


if __name__ == "__main__":
    main()
