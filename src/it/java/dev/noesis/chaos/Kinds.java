package dev.noesis.chaos;

import dev.noesis.chaos.Schedule.Kind;
import java.util.List;

/** Which kinds of faults there are. */
final class Kinds {
    /** Those for which a cluster needs neither root nor a second broker. */
    static final List<Kind> ANYWHERE = List.of(
            WorkerKilled::draw,
            WorkerKilled::drawWithoutState,
            WorkerPaused::draw,
            WorkerPaused::drawPastItsSession,
            WorkersRestarted::draw,
            WorkersScaled::draw,
            BrokerStruck::drawRestarted,
            BrokerStruck::drawKilled,
            BrokerStruck::drawPaused,
            ModelStruck::drawKilled,
            ModelStruck::drawHung);

    static final List<Kind> ALL = ANYWHERE;

    private Kinds() {}
}
