package dev.noesis.heartbeat;

import dev.noesis.heartbeat.Fields.WrongException;
import dev.noesis.model.Finding;
import dev.noesis.model.Schedule.CheckPlan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads the {@code checks} of ticks and schedules. Each has to be one that the worker has: to ask for a look that nobody makes
 * is to wait for it.
 *
 * @param known that the worker has, {@code signals} among them where it raises them
 */
record CheckNames(List<String> known) {
    private static final String FIELD = "checks";
    private static final Duration MIN_EVERY = Duration.ofSeconds(1);
    private static final Duration MAX_EVERY = Duration.ofDays(30);

    CheckNames {
        known = List.copyOf(known);
    }

    /** A tick's list of names; null where it is not there. */
    @Nullable
    List<String> named(Fields tick) throws WrongException {
        if (!tick.has(FIELD)) {
            return null;
        }
        List<String> names = new ArrayList<>();
        for (JsonNode name : array(tick)) {
            if (!name.isString()) {
                throw new WrongException("checks is an array of names");
            }
            names.add(name.asString());
        }
        checkNames(names);
        return names;
    }

    /** A schedule's list of {@code {name, every?}}; null where it is not there. */
    @Nullable
    List<CheckPlan> planned(Fields schedule) throws WrongException {
        if (!schedule.has(FIELD)) {
            return null;
        }
        List<CheckPlan> plans = new ArrayList<>();
        for (JsonNode check : array(schedule)) {
            plans.add(plan(new Fields(check)));
        }
        checkNames(plans.stream().map(CheckPlan::name).toList());
        return plans;
    }

    private static CheckPlan plan(Fields check) throws WrongException {
        if (!check.body().isObject()) {
            throw new WrongException("checks is an array of objects, each with a name");
        }
        JsonNode params = check.body().path("params");
        if (!Fields.isAbsent(params) && !(params.isObject() && params.isEmpty())) {
            throw new WrongException("checks: params are not supported by this release");
        }
        String name;
        Duration every;
        try {
            name = check.text("name", "");
            every = check.duration("every", MIN_EVERY, MAX_EVERY);
        } catch (WrongException e) {
            throw new WrongException("checks: " + e.getMessage());
        }
        if (every != null && name.equals(Finding.SIGNALS)) {
            throw new WrongException("checks: signals has no every, each tick raises those that wait");
        }
        return new CheckPlan(name, every == null ? null : every.toMillis());
    }

    private static JsonNode array(Fields of) throws WrongException {
        JsonNode array = of.body().path(FIELD);
        if (!array.isArray()) {
            throw new WrongException("checks is an array");
        }
        return array;
    }

    private void checkNames(List<String> names) throws WrongException {
        Set<String> distinct = Set.copyOf(names);
        if (distinct.size() < names.size()) {
            throw new WrongException("checks names one of them twice");
        }
        if (!known.containsAll(distinct)) {
            throw new WrongException("checks names one that this worker does not have; there are: "
                    + (known.isEmpty() ? "none" : String.join(", ", known)));
        }
    }
}
