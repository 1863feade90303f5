package dev.tributary.nats;

import dev.tributary.ResourceName;
import dev.tributary.admin.ResourceInfo;
import dev.tributary.admin.ResourceKind;
import dev.tributary.admin.Retention;
import dev.tributary.admin.StreamConfig;
import dev.tributary.error.AlreadyExistsException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.NotFoundException;
import dev.tributary.nats.client.Names;
import dev.tributary.nats.client.NatsCaller;
import dev.tributary.nats.wire.Answers;
import dev.tributary.nats.wire.Requests;
import dev.tributary.nats.wire.StreamConfiguration;
import dev.tributary.spi.AdminTransport;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Makes, deletes and lists what there is. The first partition of a stream is made last and deleted first: with it the stream is there or not. */
final class NatsAdmin implements AdminTransport {
  private final NatsCaller caller;
  private final NatsMapping mapping;
  private final NatsReplicas replicas;
  private final Logs logs;
  private final Groups groups;

  NatsAdmin(NatsCaller caller, NatsMapping mapping, NatsReplicas replicas, Logs logs, Groups groups) {
    this.caller = caller;
    this.mapping = mapping;
    this.replicas = replicas;
    this.logs = logs;
    this.groups = groups;
  }

  // Streams.

  @Override
  public CompletableFuture<Void> createStream(ResourceName stream, StreamConfig config, Deadline deadline) {
    mapping.flat(stream);
    return Steps.then(
        there(logs.info(stream, 0, deadline)),
        there -> {
          if (there) {
            throw new AlreadyExistsException(ErrorInfo.of("there is a stream " + stream, "Use another name, or what is there"));
          }
          return Steps.then(replicas.count(), count -> create(stream, config, count, config.partitions() - 1, Names.fresh(), deadline));
        });
  }

  private static CompletableFuture<Boolean> there(CompletableFuture<?> looked) {
    return Steps.recover(
        Steps.map(looked, found -> true), NotFoundException.class, missing -> CompletableFuture.completedFuture(false));
  }

  private CompletableFuture<Void> create(ResourceName stream, StreamConfig config, int replicas, int partition, String nonce, Deadline deadline) {
    Retention retention = config.retention();
    Map<String, String> metadata = NatsMapping.metadata(ResourceKind.STREAM, stream, nonce);
    metadata.put(NatsMapping.PARTITIONS, Integer.toString(config.partitions()));
    String log = mapping.log(stream, partition);
    StreamConfiguration made =
        StreamConfiguration.log(
            log,
            List.of(mapping.events(stream, partition), mapping.delayed(stream, partition) + "*"),
            replicas,
            retention.maxAge() == null ? null : NatsMapping.nanos(retention.maxAge()),
            number(retention.maxMessages()),
            number(retention.maxBytes()),
            metadata);
    CompletableFuture<Answers.Done> created = caller.api("STREAM.CREATE." + log, made, Answers.Done.class, deadline);
    if (partition == 0) {
      return Steps.map(created, done -> null);
    }
    // Of a stream that is not there: left by somebody who got no further.
    CompletableFuture<Answers.Done> clean =
        Steps.recover(
            created,
            AlreadyExistsException.class,
            left ->
                Steps.then(
                    caller.api("STREAM.DELETE." + log, null, Answers.Done.class, deadline),
                    gone -> caller.api("STREAM.CREATE." + log, made, Answers.Done.class, deadline)));
    return Steps.then(clean, done -> create(stream, config, replicas, partition - 1, nonce, deadline));
  }

  private static @Nullable Long number(OptionalLong number) {
    return number.isPresent() ? number.getAsLong() : null;
  }

  private CompletableFuture<Void> deleteStream(ResourceName stream, Deadline deadline) {
    return Steps.then(
        logs.ask(stream, deadline),
        count -> {
          logs.forget(stream);
          return Steps.then(deletePartition(stream, 0, count, deadline), done -> groups.forget(stream, deadline));
        });
  }

  private CompletableFuture<Void> deletePartition(ResourceName stream, int partition, int count, Deadline deadline) {
    CompletableFuture<Void> deleted =
        Steps.map(caller.api("STREAM.DELETE." + mapping.log(stream, partition), null, Answers.Done.class, deadline), done -> (Void) null);
    if (partition > 0) {
      deleted = Steps.recover(deleted, NotFoundException.class, gone -> CompletableFuture.completedFuture(null));
    }
    return partition + 1 == count ? deleted : Steps.then(deleted, done -> deletePartition(stream, partition + 1, count, deadline));
  }

  // Stores.

  @Override
  public CompletableFuture<Void> createKeyValue(ResourceName store, Deadline deadline) {
    String bucket = NatsKeyValue.bucket(mapping, store);
    return Steps.then(
        replicas.count(),
        count -> {
          StreamConfiguration made =
              StreamConfiguration.bucket(
                  bucket,
                  count,
                  NatsMapping.nanos(NatsKeyValue.MARKERS),
                  NatsMapping.metadata(ResourceKind.KEY_VALUE, store, Names.fresh()));
          return Steps.map(caller.api("STREAM.CREATE.KV_" + bucket, made, Answers.Done.class, deadline), done -> null);
        });
  }

  // Everything.

  @Override
  public CompletableFuture<Void> delete(ResourceKind kind, ResourceName name, Deadline deadline) {
    return switch (kind) {
      case STREAM -> deleteStream(name, deadline);
      case KEY_VALUE -> Steps.map(
          caller.api("STREAM.DELETE.KV_" + NatsKeyValue.bucket(mapping, name), null, Answers.Done.class, deadline), done -> null);
      case QUEUE -> CompletableFuture.failedFuture(new NotFoundException(ErrorInfo.of("there is no queue " + name, "Nothing is to be done")));
    };
  }

  @Override
  public CompletableFuture<List<ResourceInfo>> list(ResourceKind kind, Deadline deadline) {
    return Steps.map(
        page(0, new ArrayList<>(), deadline),
        all ->
            all.stream()
                .filter(stream -> is(kind, stream))
                .map(this::info)
                .sorted(Comparator.comparing(info -> info.name().toString()))
                .toList());
  }

  /** Of a stream the first partition tells. Buckets that others made are stores too. */
  private static boolean is(ResourceKind kind, Answers.Stream stream) {
    String name = name(stream);
    return switch (kind) {
      case STREAM -> name.startsWith("TRB-S-") && name.endsWith("-0") && Logs.metadata(stream).containsKey(NatsMapping.NAME);
      case QUEUE -> name.startsWith("TRB-Q-") && Logs.metadata(stream).containsKey(NatsMapping.NAME);
      case KEY_VALUE -> name.startsWith("KV_") && !name.equals("KV_" + Groups.BUCKET);
    };
  }

  private static String name(Answers.Stream stream) {
    StreamConfiguration config = stream.config();
    return config == null ? "" : config.name();
  }

  private ResourceInfo info(Answers.Stream stream) {
    Map<String, String> metadata = Logs.metadata(stream);
    String name = metadata.get(NatsMapping.NAME);
    String kind = metadata.get(NatsMapping.KIND);
    return new ResourceInfo(
        kind == null ? ResourceKind.KEY_VALUE : ResourceKind.valueOf(kind),
        name == null ? mapping.full(name(stream).substring("KV_".length())) : NatsMapping.name(name),
        Math.max(1, NatsMapping.number(metadata.get(NatsMapping.PARTITIONS))),
        stream.createdAt());
  }

  private CompletableFuture<List<Answers.Stream>> page(int offset, List<Answers.Stream> all, Deadline deadline) {
    return Steps.then(
        caller.api("STREAM.LIST", new Requests.Page(offset), Answers.Streams.class, deadline),
        page -> {
          List<Answers.Stream> some = page.streams() == null ? List.of() : page.streams();
          all.addAll(some);
          return some.isEmpty() || all.size() >= page.total() ? CompletableFuture.completedFuture(all) : page(all.size(), all, deadline);
        });
  }
}
