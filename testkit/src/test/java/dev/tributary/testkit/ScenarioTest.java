package dev.tributary.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.codec.Codecs;
import dev.tributary.queue.Job;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScenarioTest {
  @Test
  void jobsWaitByPriority() {
    try (FakeTributary fake = Scenario.jobsByPriority("q", 3)) {
      assertThat(fake.journal().calls()).isEmpty();
      assertThat(fake.admin().queueConfig("q").join().partitions()).isEqualTo(2);
      List<Job<String>> jobs = fake.queue("q", Codecs.text()).receive(10).join();
      assertThat(jobs).extracting(Job::value).containsExactly("job 0", "job 1", "job 2");
      assertThat(jobs).extracting(Job::priority).containsExactly(100, 99, 98);
    }
  }

  @Test
  void jobsWaitByKey() {
    try (FakeTributary fake = Scenario.jobsByKey("q", 100)) {
      assertThat(fake.journal().calls()).isEmpty();
      assertThat(fake.admin().queueConfig("q").join().partitions()).isEqualTo(4);
      List<Job<String>> jobs = fake.queue("q", Codecs.text()).receive(200).join();
      assertThat(jobs).hasSize(100);
      assertThat(jobs.stream().map(job -> "key " + number(job) % 4 + " in partition " + job.partition()).distinct()).hasSize(4);
    }
  }

  private static int number(Job<String> job) {
    return Integer.parseInt(job.value().substring("job ".length()));
  }
}
