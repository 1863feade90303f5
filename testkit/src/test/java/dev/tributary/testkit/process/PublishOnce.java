package dev.tributary.testkit.process;

import dev.tributary.Tributary;
import java.nio.charset.StandardCharsets;

/** Connects, publishes, closes or forgets to, and returns from main. */
final class PublishOnce {
  private PublishOnce() {}

  public static void main(String[] args) {
    Tributary client = Tributary.connect(args[0]);
    long offset = client.stream("once").publish("hello".getBytes(StandardCharsets.UTF_8)).join().offset();
    System.out.println("published at " + offset);
    if (args[1].equals("close")) {
      client.close();
    }
  }
}
