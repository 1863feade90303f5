package dev.tributary.examples.bench;

import dev.tributary.Admin;
import dev.tributary.Capability;
import dev.tributary.EventStream;
import dev.tributary.JobQueue;
import dev.tributary.Tributary;
import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.StreamConfig;
import dev.tributary.error.AlreadyExistsException;
import dev.tributary.queue.NewJob;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.IntStream;

/** What a server holds when a measurement begins. */
enum Stock {
  /** Whatever it is. */
  NONE {
    @Override
    long lay(Tributary client, Work work, double seconds) {
      return Long.MAX_VALUE;
    }
  },
  /** A stream, with whatever is in it. */
  STREAM {
    @Override
    long lay(Tributary client, Work work, double seconds) {
      stream(client, Names.STREAM);
      return Long.MAX_VALUE;
    }
  },
  /** Four of them. */
  FOUR_STREAMS {
    @Override
    long lay(Tributary client, Work work, double seconds) {
      Names.FOUR_STREAMS.forEach(name -> stream(client, name));
      return Long.MAX_VALUE;
    }
  },
  /** A stream of messages, which reading does not use up. */
  MESSAGES {
    @Override
    long lay(Tributary client, Work work, double seconds) {
      fill(stream(client, Names.STREAM), work, Collections.nCopies(AT_A_TIME, work.payload()));
      return Long.MAX_VALUE;
    }
  },
  /** The same, of which every tenth is {@link Work#wanted}. */
  MIXED {
    @Override
    long lay(Tributary client, Work work, double seconds) {
      List<byte[]> payloads =
          IntStream.range(0, AT_A_TIME).mapToObj(i -> i % Work.OF_WHICH_ONE_IS_WANTED == 0 ? work.wanted() : work.payload()).toList();
      fill(stream(client, Names.MIXED_STREAM), work, payloads);
      return Long.MAX_VALUE;
    }
  },
  /** A queue without jobs, if the backend can drop those of the measurement before. */
  EMPTY_QUEUE {
    @Override
    long lay(Tributary client, Work work, double seconds) {
      emptyQueue(client);
      return Long.MAX_VALUE;
    }
  },
  /** A queue of jobs for consumers of this many seconds. */
  JOBS {
    @Override
    long lay(Tributary client, Work work, double seconds) {
      JobQueue<byte[]> queue = emptyQueue(client);
      int rounds = (int) Math.ceil(seconds * JOBS_PER_SECOND / work.taken());
      // A consumer that has all it wants may hold as many more as it has credits.
      int jobs = rounds * (work.taken() + work.credits());
      List<NewJob<byte[]>> batch = Collections.nCopies(Operation.BATCH, NewJob.of(work.payload()));
      for (int done = 0; done < jobs; done += AT_A_TIME) {
        all(Collections.nCopies(AT_A_TIME / Operation.BATCH, batch).stream().map(queue::enqueueAll).toList());
      }
      return (long) rounds * work.taken();
    }
  },
  /** A key with a value. */
  VALUE {
    @Override
    long lay(Tributary client, Work work, double seconds) {
      client.keyValue(Names.STORE).put(Names.KEY, work.payload()).join();
      return Long.MAX_VALUE;
    }
  };

  private static final int AT_A_TIME = 2000;
  private static final int JOBS_PER_SECOND = 40_000;

  /**
   * Lays it in.
   *
   * @return how many things may be taken out of it
   */
  abstract long lay(Tributary client, Work work, double seconds);

  private static EventStream<byte[]> stream(Tributary client, String name) {
    create(client, admin -> admin.createStream(name, StreamConfig.DEFAULT));
    return client.stream(name);
  }

  /** Unless it is full already. */
  private static void fill(EventStream<byte[]> stream, Work work, List<byte[]> payloads) {
    long stored = stream.latestOffset(0).handle((last, missing) -> missing == null ? last.orElse(-1) + 1 : 0).join();
    try (var publisher = stream.publisher()) {
      for (; stored < work.taken(); stored += payloads.size()) {
        all(payloads.stream().map(publisher::publish).toList());
      }
    }
  }

  private static JobQueue<byte[]> emptyQueue(Tributary client) {
    create(client, admin -> admin.createQueue(Names.QUEUE, QueueConfig.DEFAULT));
    JobQueue<byte[]> queue = client.queue(Names.QUEUE);
    if (client.capabilities().contains(Capability.PURGE)) {
      queue.purge().join();
    }
    return queue;
  }

  private static void create(Tributary client, Function<Admin, CompletableFuture<Void>> create) {
    if (!client.capabilities().contains(Capability.CREATE_RESOURCES)) {
      return;
    }
    try {
      create.apply(client.admin()).join();
    } catch (CompletionException e) {
      if (!(e.getCause() instanceof AlreadyExistsException)) {
        throw e;
      }
    }
  }

  private static void all(List<? extends CompletionStage<?>> calls) {
    CompletableFuture.allOf(calls.stream().map(CompletionStage::toCompletableFuture).toArray(CompletableFuture[]::new)).join();
  }
}
