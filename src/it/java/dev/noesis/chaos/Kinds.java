package dev.noesis.chaos;

import dev.noesis.chaos.Schedule.Kind;
import java.util.List;

/** Which kinds of faults there are. */
final class Kinds {
    static final List<Kind> ALL = List.of(
            WorkerKilled::draw,
            WorkerKilled::drawWithoutState,
            WorkerPaused::draw,
            WorkerPaused::drawPastItsSession,
            WorkersRestarted::draw,
            WorkersScaled::draw,
            DiskFull::draw,
            OffsetsSetBack::draw,
            NetworkCut::drawFromBrokers,
            NetworkCut::drawFromModel,
            BrokerStruck::drawRestarted,
            BrokerStruck::drawKilled,
            BrokerStruck::drawPaused,
            LeadersMoved::draw,
            ModelStruck::drawKilled,
            ModelStruck::drawHung,
            Burst::drawModelFaults,
            Burst::drawModelFaults,
            Burst::drawDuplicates,
            Burst::drawCancels,
            Burst::drawStrays,
            Burst::drawOddClocks,
            Burst::drawLargeAnswers,
            Burst::drawLargeRequests,
            Poisoned::drawInInputs,
            Poisoned::drawInLog);

    /** Those of a piece: they take neither root nor a second broker, nor long. */
    static final List<Kind> OF_A_PIECE = List.of(
            WorkerKilled::draw,
            WorkerKilled::drawWithoutState,
            WorkerPaused::draw,
            WorkerPaused::drawPastItsSession,
            BrokerStruck::drawRestarted,
            ModelStruck::drawKilled,
            Burst::drawModelFaults,
            Burst::drawDuplicates,
            Burst::drawCancels,
            Burst::drawStrays,
            Burst::drawLargeAnswers,
            Poisoned::drawInInputs,
            Poisoned::drawInLog);

    private Kinds() {}
}
