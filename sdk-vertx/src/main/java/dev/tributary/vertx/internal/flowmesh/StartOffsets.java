package dev.tributary.vertx.internal.flowmesh;

import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.SubscribeSpec;
import dev.tributary.stream.Position;
import dev.tributary.stream.StartAt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/** The offsets at which a subscription may start. */
final class StartOffsets {
  private final FlowMeshStreams streams;
  private final SubscribeSpec spec;

  StartOffsets(FlowMeshStreams streams, SubscribeSpec spec) {
    this.streams = streams;
    this.spec = spec;
  }

  /** Where to begin. A group that never committed keeps an end that was found, so that whoever begins after this does so there. */
  CompletableFuture<Long> begin(StartAt place, Deadline deadline) {
    String group = spec.group();
    if (group == null || place != StartAt.latest() && place != StartAt.committedElseLatest()) {
      return offset(place, deadline);
    }
    return Steps.then(
        committed(deadline),
        next ->
            next.isEmpty()
                ? Steps.then(end(deadline), end -> kept(group, end, deadline))
                : place == StartAt.latest() ? end(deadline) : CompletableFuture.completedFuture(next.getAsLong()));
  }

  private CompletableFuture<Long> kept(String group, long offset, Deadline deadline) {
    // Before the first message there is no offset to commit.
    return offset == 0
        ? CompletableFuture.completedFuture(offset)
        : Steps.map(
            streams.commit(spec.stream(), group, new Position(FlowMeshStreams.PARTITION, offset), deadline), committed -> offset);
  }

  /** The offset that a place is now. */
  CompletableFuture<Long> offset(StartAt place, Deadline deadline) {
    if (place instanceof StartAt.Offset exact) {
      return CompletableFuture.completedFuture(exact.offset());
    }
    if (place == StartAt.earliest()) {
      return CompletableFuture.completedFuture(0L);
    }
    if (place == StartAt.latest()) {
      return end(deadline);
    }
    if (place.ofGroup()) {
      return Steps.then(
          committed(deadline),
          next ->
              next.isEmpty() && place == StartAt.committedElseLatest()
                  ? end(deadline)
                  : CompletableFuture.completedFuture(next.orElse(0)));
    }
    throw new UnsupportedFeatureException(ErrorInfo.of("FlowMesh cannot start at a time", "Start at an offset, or use a replay"));
  }

  private CompletableFuture<OptionalLong> committed(Deadline deadline) {
    String group = spec.group();
    if (group == null) {
      throw InvalidRequestException.of("no group whose commit could be the start", "Give a group");
    }
    return streams.committed(spec.stream(), group, FlowMeshStreams.PARTITION, deadline);
  }

  /** Behind the last message. */
  CompletableFuture<Long> end(Deadline deadline) {
    return Steps.map(
        streams.latestOffset(spec.stream(), FlowMeshStreams.PARTITION, deadline), latest -> latest.isPresent() ? latest.getAsLong() + 1 : 0L);
  }
}
