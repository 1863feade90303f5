package dev.tributary.kotlin

import dev.tributary.config.ClientConfig
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldNotContain
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.test.runTest

/** What users of the Python client of Disheap tell it, in code and by the environment: both come to the same. */
class DisheapConfigSeedSpec :
  FunSpec({
    test("everything is configured, in code or by the environment") {
      runTest {
        val variables =
          mapOf(
            "DISHEAP_ENDPOINTS" to "engine1:9090,engine2:9090",
            "DISHEAP_API_KEY" to "dh_test_secret",
            "DISHEAP_CONNECT_TIMEOUT" to "10",
            "DISHEAP_REQUEST_TIMEOUT" to "20",
            "DISHEAP_MAX_RETRIES" to "3",
            "DISHEAP_RETRY_BACKOFF_BASE" to "1",
            "DISHEAP_TLS_ENABLED" to "true",
            "DISHEAP_COMPRESSION" to "false",
            "DISHEAP_MAX_MESSAGE_SIZE" to "4194304",
            "TRIBUTARY_CONNECTIONS" to "10",
          )
        Tributary.connect(ClientConfig.fromEnvironment(variables)).use { read ->
          Tributary.connect("disheap://engine1:9090,engine2:9090") {
              token("dh_test_secret")
              connectTimeout(10.seconds)
              timeout(20.seconds)
              retry(maxAttempts = 4, initialBackoff = 1.seconds)
              tls()
              compression(false)
              maxMessageBytes(4 shl 20)
              connections(10)
            }
            .use { coded -> coded.config.toString() shouldBe read.config.toString() }
          read.config.retry().maxAttempts shouldBe 4
          read.config.toString() shouldNotContain "dh_test_secret"
        }
      }
    }
  })
