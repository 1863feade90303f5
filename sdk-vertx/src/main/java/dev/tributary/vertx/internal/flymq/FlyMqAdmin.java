package dev.tributary.vertx.internal.flymq;

import dev.tributary.ResourceName;
import dev.tributary.admin.ResourceInfo;
import dev.tributary.admin.ResourceKind;
import dev.tributary.admin.Retention;
import dev.tributary.admin.StreamConfig;
import dev.tributary.error.AlreadyExistsException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.spi.AdminTransport;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.flymq.wire.Answers.Done;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import dev.tributary.vertx.internal.flymq.wire.Requests;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Administration of FlyMQ. A server makes a topic that is there without a word, and one of a cluster says that it is made before it is: so it is looked
 * before, and looked afterwards until it is there.
 */
final class FlyMqAdmin implements AdminTransport {
  /** Each takes a server two open files. */
  private static final int MOST_PARTITIONS = 10_000;

  private static final int ON_THE_WAY = 16;

  private final FlyMqCaller caller;
  private final Topics topics;
  private final FlyMqMapping mapping;
  private final Confirmation confirmation;

  FlyMqAdmin(FlyMqCaller caller, Topics topics, FlyMqMapping mapping, Confirmation confirmation) {
    this.caller = caller;
    this.topics = topics;
    this.mapping = mapping;
    this.confirmation = confirmation;
  }

  private <T> CompletableFuture<T> with(ResourceKind kind, ResourceName name, Function<String, CompletableFuture<T>> call) {
    if (kind != ResourceKind.STREAM) {
      throw new UnsupportedFeatureException(ErrorInfo.of("FlyMQ has streams only", "Use a stream, or another backend"));
    }
    return call.apply(mapping.topic(name));
  }

  @Override
  public CompletableFuture<Void> createStream(ResourceName stream, StreamConfig config, Deadline deadline) {
    return with(
        ResourceKind.STREAM,
        stream,
        topic -> {
          if (!config.retention().equals(Retention.DEFAULT)) {
            throw new UnsupportedFeatureException(ErrorInfo.of("FlyMQ keeps everything", "Leave the retention out, or delete the stream"));
          }
          if (config.partitions() > MOST_PARTITIONS) {
            throw InvalidRequestException.of(
                config.partitions() + " partitions", "A FlyMQ server bears " + MOST_PARTITIONS + " at most, and is better off with 10");
          }
          return Steps.then(
              isThere(topic, deadline),
              there ->
                  there
                      ? CompletableFuture.failedFuture(
                          new AlreadyExistsException(ErrorInfo.of("topic " + topic + " already exists", "Use the one that is there, or another name")))
                      : Steps.then(
                          caller.call(
                              Opcode.CREATE_TOPIC, topic, new Requests.CreateTopic(topic, config.partitions()), Done.class, deadline),
                          made -> until(topic, true, deadline)));
        });
  }

  private CompletableFuture<Boolean> isThere(String topic, Deadline deadline) {
    return Steps.map(
        topics.ask(topic, deadline),
        details -> true,
        error -> {
          if (error instanceof NotFoundException) {
            return false;
          }
          throw error;
        });
  }

  private CompletableFuture<Void> until(String topic, boolean wanted, Deadline deadline) {
    return confirmation.until(
        () -> Steps.map(isThere(topic, deadline), there -> there == wanted), "topic " + topic + (wanted ? " is made" : " is deleted"));
  }

  @Override
  public CompletableFuture<Void> delete(ResourceKind kind, ResourceName name, Deadline deadline) {
    return with(
        kind,
        name,
        topic ->
            Steps.then(
                topics.ask(topic, deadline),
                there ->
                    Steps.then(
                        caller.call(Opcode.DELETE_TOPIC, topic, new Requests.Name(topic), Done.class, deadline),
                        deleted -> until(topic, false, deadline))));
  }

  @Override
  public CompletableFuture<List<ResourceInfo>> list(ResourceKind kind, Deadline deadline) {
    if (kind != ResourceKind.STREAM) {
      return CompletableFuture.completedFuture(List.of());
    }
    return Steps.then(
        topics.names(deadline),
        names -> {
          List<String> ours = names.stream().filter(topic -> mapping.name(topic).isPresent()).toList();
          return Steps.map(
              Steps.all(ours, ON_THE_WAY, topic -> info(topic, deadline)),
              found -> {
                List<ResourceInfo> all = new ArrayList<>();
                found.forEach(one -> one.orThrow().ifPresent(all::add));
                all.sort(Comparator.comparing(info -> info.name().toString()));
                return all;
              });
        });
  }

  /** Empty if it was deleted meanwhile. */
  private CompletableFuture<Optional<ResourceInfo>> info(String topic, Deadline deadline) {
    return Steps.map(
        topics.ask(topic, deadline),
        details -> mapping.name(topic).map(name -> new ResourceInfo(ResourceKind.STREAM, name, details.partitions(), null)),
        error -> {
          if (error instanceof NotFoundException) {
            return Optional.empty();
          }
          throw error;
        });
  }
}
