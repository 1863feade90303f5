package dev.tributary.testkit.disheap;

import static dev.tributary.testkit.wire.Outcomes.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.SubscriptionState;
import dev.tributary.Tributary;
import dev.tributary.admin.QueueConfig;
import dev.tributary.error.LeaseLostException;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.Job;
import dev.tributary.queue.JobsOptions;
import dev.tributary.queue.PeekedJob;
import dev.tributary.testkit.wire.FailoverCases;
import dev.tributary.testkit.wire.Received;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FailoverTest extends FailoverCases {
  FailoverTest() {
    super("disheap", 1);
  }

  /** Tries without end, so that nothing is lost by having been leased too often. */
  @Override
  protected void create() throws Exception {
    passing.of(observer.admin().createQueue("s", QueueConfig.builder().maxAttempts(0).build()));
  }

  @Override
  protected void store(String value) throws Exception {
    passing.of(queue.enqueue(value));
  }

  @Override
  protected List<String> stored() throws Exception {
    return passing.of(queue.peek(100)).stream().map(PeekedJob::value).toList();
  }

  @Override
  protected CompletableFuture<?> touch(Tributary client) {
    return client.queue("s").stats();
  }

  /** Everything is settled, and nothing was given up. */
  private void becomesEmpty() throws Exception {
    passing.until("the last settlement", () -> left(passing.of(queue.stats())) == 0);
    assertThat(passing.of(queue.deadLetters().list(10))).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void whatIsEnqueuedMeanwhileIsStoredOnceAndConfirmed(Break what) throws Exception {
    List<CompletableFuture<EnqueueResult>> enqueued = new ArrayList<>();
    for (String value : numbered(0, 1_000)) {
      enqueued.add(queue.enqueue(value));
      if (enqueued.size() == 300) {
        passing.of(enqueued.get(0));
      } else if (enqueued.size() == 600) {
        what.happenTo(this);
      }
    }
    List<String> ids = new ArrayList<>();
    for (CompletableFuture<EnqueueResult> one : enqueued) {
      ids.add(passing.of(one).id());
    }
    assertThat(ids).doesNotHaveDuplicates();
    assertThat(passing.of(queue.stats()).pending()).isEqualTo(1_000);
    assertThat(passing.of(queue.peek(100))).extracting(PeekedJob::value).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @EnumSource
  void aStreamOfJobsGoesOn(Break what) throws Exception {
    List<String> values = numbered(0, 100);
    enqueue(values);
    List<SubscriptionState> states = new CopyOnWriteArrayList<>();
    Received<Job<String>> jobs = new Received<>(Job::ack);
    queue.jobs(JobsOptions.builder().lease(LEASE).onState(states::add).build()).subscribe(jobs);
    passing.until("the first jobs", () -> jobs.all(Job::value).containsAll(values));
    what.happenTo(this);
    passing.of(queue.enqueue("after"));
    passing.until("the last job", () -> jobs.all(Job::value).contains("after"));
    becomesEmpty();
    assertThat(jobs.end()).isNotDone();
    passing.until("what the listener hears last", () -> states.get(states.size() - 1) == SubscriptionState.LIVE);
    assertThat(states).startsWith(SubscriptionState.LIVE).doesNotContain(SubscriptionState.CLOSED);
  }

  /** What can be done with a job that was taken. */
  private enum Settling {
    ACK {
      @Override
      CompletableFuture<?> of(Job<?> job) {
        return job.ack();
      }
    },
    NACK {
      @Override
      CompletableFuture<?> of(Job<?> job) {
        return job.nack(Duration.ZERO);
      }
    },
    REJECT {
      @Override
      CompletableFuture<?> of(Job<?> job) {
        return job.reject("on purpose");
      }
    },
    EXTEND {
      @Override
      CompletableFuture<?> of(Job<?> job) {
        return job.extend(Duration.ofMinutes(2));
      }
    };

    abstract CompletableFuture<?> of(Job<?> job);
  }

  private Job<String> takenFromFirst() throws Exception {
    store("job");
    Job<String> job = passing.of(queue.reserve()).orElseThrow();
    toFirst.refuse();
    passing.of(touch(client));
    assertThat(toSecond.connections()).isPositive();
    return job;
  }

  @ParameterizedTest
  @EnumSource
  void aJobIsSettledAtTheNodeThatGaveItWhereverCallsGoNow(Settling settling) throws Exception {
    Job<String> job = takenFromFirst();
    toFirst.heal();
    passing.of(settling.of(job));
  }

  @Test
  void whereTheNodeThatGaveAJobIsGoneItsLeaseIsLostAtOnce() throws Exception {
    Job<String> job = takenFromFirst();
    assertThat(failure(passed(job.ack()))).isInstanceOf(LeaseLostException.class);
  }
}
